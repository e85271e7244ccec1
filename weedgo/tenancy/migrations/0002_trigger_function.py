"""The function that all of pgtrigger's triggers call, made once, before any tenant migrates.

pgtrigger would replace it with each trigger, which fails where two tenants migrate at once; see
`weedgo.tenancy.backend`. The body is pgtrigger's own.
"""

from typing import ClassVar

from django.db import migrations

from weedgo.tenancy.operations import SchemaSQL

CREATE = """
CREATE OR REPLACE FUNCTION "public"._pgtrigger_should_ignore(
    trigger_name NAME
)
RETURNS BOOLEAN AS $$
    DECLARE
        _pgtrigger_ignore TEXT[];
        _result BOOLEAN;
    BEGIN
        BEGIN
            SELECT INTO _pgtrigger_ignore
                CURRENT_SETTING('pgtrigger.ignore');
            EXCEPTION WHEN OTHERS THEN
        END;
        IF _pgtrigger_ignore IS NOT NULL THEN
            SELECT trigger_name = ANY(_pgtrigger_ignore)
            INTO _result;
            RETURN _result;
        ELSE
            RETURN FALSE;
        END IF;
    END;
$$ LANGUAGE plpgsql;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("tenancy", "0001_initial")]

    # On the way back it stays: triggers of other apps may call it.
    operations: ClassVar = [SchemaSQL(CREATE, SchemaSQL.noop)]
