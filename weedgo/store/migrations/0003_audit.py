"""What is audited: a row of the log for each change, whoever makes it."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import audit.triggers


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_views"),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name="customer",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('customers', '{id}', '{date_of_birth,email,phone}', '{updated_at}')",
                    func="-- stands already",
                    hash="15a77df866ebd48756d2eab3090c200c80764f39",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_60161",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="customers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customer",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('customers', '{id}', '{date_of_birth,email,phone}', '{updated_at}')",
                    func="-- stands already",
                    hash="61d72453eb2f9720ae7d3279ea7d9441777a9e2e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_23351",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="customers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customer",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('customers', '{id}', '{date_of_birth,email,phone}', '{updated_at}')",
                    func="-- stands already",
                    hash="b08d83779baf35c2311b76aaa44679e212cca71d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_ccee1",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="customers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="customer",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('customers', '{id}', '{date_of_birth,email,phone}', '{updated_at}')",
                    func="-- stands already",
                    hash="ff40781ae5b076d1287e289d5793c76439afd77b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_ee6c1",
                    table="customers",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discountcode",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('discount_codes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="53bb2df83b9797dc9157b235acf298d96cd8b08f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_2506f",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="discount_codes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discountcode",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('discount_codes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="e5de721f271ece39373782c8f6fc9999c4ef1a79",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_01220",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="discount_codes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discountcode",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('discount_codes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="b7f8f768794642eddeda9a438d9890487c69ddeb",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_182bf",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="discount_codes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="discountcode",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('discount_codes', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="0b7b266917df5a451c9d0f23b7e06f5ad64c9c79",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_236e5",
                    table="discount_codes",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('orders', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="d3ace749d5164662fb6f11dc8c576fe77db7a864",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_dabc3",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="orders",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('orders', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="59bcc6c92f37a559598a03ec12205e2413577f35",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_b0f58",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="orders",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('orders', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="6c1ed6b221b99a8e6ef51fe86ec1a5eec7b1bf2e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_fc763",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="orders",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="order",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('orders', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="6a563be530d4915f655a3d8b4b10941ffd7ae56f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_0d823",
                    table="orders",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('products', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="2eb14ffce8fe3266f7b1d9613ad8dfcdfafd399e",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_8b7aa",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="products",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('products', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="3eee46793398e2ef8fc3919426f59befdbef819f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_77be6",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="products",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('products', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="043d9c09179a5ed894520873cbdf2cf066570fbb",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_9b9aa",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="products",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="product",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('products', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="c473a2b27b0195c9795a5839c81cae17ed47db21",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_67a78",
                    table="products",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="promotion",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('promotions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="1d1e7c91a6b27fad405628cc7705e53b2ee4f643",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_ac807",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="promotions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="promotion",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('promotions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="f737e54d45507f0cfb968e52f4f7702c01ced9b1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_e0829",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="promotions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="promotion",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('promotions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="7a41ada6bd51e0cc7002228f91a283138df3de15",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_947b0",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="promotions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="promotion",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('promotions', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="89a64c39093a7d01d31df4b37c65f90ab4b8782d",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_f2d26",
                    table="promotions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('roles', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="2de4cdaa1ab0b61098e29f3b19b2cd858b0515fb",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_94c29",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('roles', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="ad9ee2739dcb7c905cf8e73a94fffdd5139ba533",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_c55c0",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('roles', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="5ddee262e3a8052d31960a12bfb66be7c3c08c3e",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_1b86c",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="role",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('roles', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="8d08bc057e98fd780522254436b8aec09537a510",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_46ce0",
                    table="roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="store",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('stores', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="c2d938ed47c14e4b5c67284877d378b8134a0750",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_b59d9",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="stores",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="store",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('stores', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="734ae65e62d0fee73add64ecdf5b9317d4ca6b4b",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_5d6a5",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="stores",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="store",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('stores', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="ed2481b49341f88db0bca3ef88006cdb85105972",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_dbfe1",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="stores",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="store",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('stores', '{id}', '{}', '{updated_at}')",
                    func="-- stands already",
                    hash="96ae194f7efe95dc54b6788e0e1abeae8711ad71",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_30a8b",
                    table="stores",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxrate",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tax_rates', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="d018f9e679be674788c79f5ea579c683c0871bd0",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_8e32b",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="tax_rates",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxrate",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tax_rates', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="4a3f45ff7ac3814189b994ecf0f3bda181414213",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_0f968",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="tax_rates",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxrate",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tax_rates', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="e2bb211f3b7a2e5752965990b32468e9010d1482",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_54002",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="tax_rates",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="taxrate",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tax_rates', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="5fdfb781e0d5834ec5aab987cbb5ebea91ef770c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_a6949",
                    table="tax_rates",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userrole",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('user_roles', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="93300b2ccfd729702fb6353112b0d735663394d1",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_f3093",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="user_roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userrole",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('user_roles', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="fd6a2b78e118584443b56d7e22f971de04288ffa",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_9915b",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="user_roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userrole",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('user_roles', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="53337eba9ddab96a300d7f2b1bd5569e1f694e83",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_896aa",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="user_roles",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="userrole",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('user_roles', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="e029ab9b571ac1a28198f146495127dff0865e9a",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_856fb",
                    table="user_roles",
                    when="AFTER",
                ),
            ),
        ),
    ]
