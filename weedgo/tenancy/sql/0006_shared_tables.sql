-- What tenants may do with the tables that Django's own apps share.

-- A session and an entry of the admin's log are of the tenant in whose site they were made.
ALTER TABLE public.django_session ADD COLUMN tenant_id bigint DEFAULT public.weedgo_current_tenant();
ALTER TABLE public.django_admin_log ADD COLUMN tenant_id bigint DEFAULT public.weedgo_current_tenant();
