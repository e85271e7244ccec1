"""The schema that the project's models declare, as a source of staged migrations.

Django's migrations make it in a scratch database: the shared apps' tables in `public`, the
tenants' in one template schema. What comes of it is kept until a migration changes; the engine
then sees nothing but a catalog, with the template's name replaced by each tenant's.
"""
