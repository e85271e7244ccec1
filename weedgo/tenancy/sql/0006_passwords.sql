-- A tenant's role reads no password's hash. What logging in and changing one's password need of it,
-- these answer.

CREATE FUNCTION public.weedgo_password_salt(account bigint) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Algorithm, cost and salt stand before the last sign, the hash after it.
    RETURN (SELECT regexp_replace(u.password, '\$[^$]*$', '$') FROM public.tenancy_user AS u
             WHERE u.id = account AND u.password LIKE '%$%$%');
END;
$$;
COMMENT ON FUNCTION public.weedgo_password_salt(bigint) IS
    'Algorithm, cost and salt of an account''s password; NULL where nobody can log in by one.';

CREATE FUNCTION public.weedgo_password_holds(account bigint, encoded text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Digests, so that the time it takes says nothing of how much is right.
    RETURN EXISTS (SELECT FROM public.tenancy_user AS u WHERE u.id = account AND u.is_active
        AND sha256(convert_to(u.password, 'UTF8')) = sha256(convert_to(encoded, 'UTF8')));
END;
$$;
COMMENT ON FUNCTION public.weedgo_password_holds(bigint, text) IS
    'Whether an active account has just this password, hashed by its own salt.';

CREATE FUNCTION public.weedgo_password_digest(account bigint) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT encode(sha256(convert_to(u.password, 'UTF8')), 'hex') FROM public.tenancy_user AS u
             WHERE u.id = account);
END;
$$;
COMMENT ON FUNCTION public.weedgo_password_digest(bigint) IS
    'What a session remembers, to end when the password changes; it leads back to no hash.';

CREATE FUNCTION public.weedgo_change_password(account bigint, former text, encoded text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.tenancy_user AS u SET password = encoded
     WHERE u.id = account AND u.is_active
       AND sha256(convert_to(u.password, 'UTF8')) = sha256(convert_to(former, 'UTF8'));
    RETURN FOUND;
END;
$$;
COMMENT ON FUNCTION public.weedgo_change_password(bigint, text, text) IS
    'Changes a password for whoever knows the former one, hashed by its own salt.';

REVOKE ALL ON FUNCTION
    public.weedgo_password_salt(bigint), public.weedgo_password_holds(bigint, text),
    public.weedgo_password_digest(bigint), public.weedgo_change_password(bigint, text, text)
    FROM PUBLIC;

