"""The platform's own tables are tracked: users, groups, what they may do, tenants, domains."""

import django.contrib.auth.models
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

import audit.triggers


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_evidence"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("tenancy", "0004_partitions"),
    ]

    operations = [
        migrations.CreateModel(
            name="TrackedDomain",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("tenancy.domain",),
        ),
        migrations.CreateModel(
            name="TrackedGroup",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.group",),
            managers=[
                ("objects", django.contrib.auth.models.GroupManager()),
            ],
        ),
        migrations.CreateModel(
            name="TrackedGroupPermission",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("auth.group_permissions",),
        ),
        migrations.CreateModel(
            name="TrackedTenant",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("tenancy.tenant",),
        ),
        migrations.CreateModel(
            name="TrackedUser",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("tenancy.user",),
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="TrackedUserGroup",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("tenancy.user_groups",),
        ),
        migrations.CreateModel(
            name="TrackedUserPermission",
            fields=[],
            options={
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("tenancy.user_user_permissions",),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_domain', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="ffa12fadd14d4cca8e0c8d51212136f4779a6867",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_0336d",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="tenancy_domain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_domain', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="45db847933aca2e2cfeb546c2a1faeb8fb4262cc",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_4ce5b",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="tenancy_domain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_domain', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="5b7b698c73750ef1e5cbf20c180ad1aed44fc88d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_02d38",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="tenancy_domain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeddomain",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_domain', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="dd97b0da4d2e6bba68bf8790b39b49a40a3def10",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_fb6a4",
                    table="tenancy_domain",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="0d00ce4ef3cd553e2d81ee26d7c5d6c8ee23878e",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_73d98",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="auth_group",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="681cc2ab847f06b458ae76591af9102ad985e128",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_52e32",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="auth_group",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="dee3e2225b730f9cde48987d0e90ec299aecab89",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_b1341",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="auth_group",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="afc414cc02d42d793ee214da704b1c285338e990",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_615d2",
                    table="auth_group",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgrouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="3327b17db23205775ba80e395d56be6c17991415",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_39aac",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="auth_group_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgrouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="bd4553c43e1ebb59fbb9c435a3a00308e5fb647c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_9bd2d",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="auth_group_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgrouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="7d0f2dab0fc9f92f80199ba1c8687a88c25fb633",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_1a4c1",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="auth_group_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedgrouppermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('auth_group_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="7bebf199735b61befc597bc8d2338fd05d43b33f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_2ac73",
                    table="auth_group_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedtenant",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_tenant', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="4d00ab34d962dd13e23d078c62100f6cc16b3ade",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_9ba35",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="tenancy_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedtenant",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_tenant', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="aab4b35ad1b9bcfb796d31a0668c84c80e74a7e6",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_11f33",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="tenancy_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedtenant",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_tenant', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="b2719be408904fd1a157f33e6b331d7fa462c988",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_39eb9",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="tenancy_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedtenant",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_tenant', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="eca18265cfc606d204ad6593cb07a9ef9abe892f",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_9757a",
                    table="tenancy_tenant",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduser",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user', '{id}', '{password}', '{last_login}')",
                    func="-- stands already",
                    hash="97abd6b5a70a412e0a8b90d52284f4b0b0bb1d52",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_f1e72",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="tenancy_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduser",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user', '{id}', '{password}', '{last_login}')",
                    func="-- stands already",
                    hash="8dd8ee5db4613aa848efbc2b6105780cefa6ac86",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_70cea",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="tenancy_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduser",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user', '{id}', '{password}', '{last_login}')",
                    func="-- stands already",
                    hash="f37bac4723e938577491d5ddd2138b4f0cd8b3df",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_b4d4a",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="tenancy_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduser",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user', '{id}', '{password}', '{last_login}')",
                    func="-- stands already",
                    hash="7f9375b6e2558f753dc77e6e437a8e577f84a87b",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_e81d9",
                    table="tenancy_user",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedusergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_groups', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="c0df07efaf8d744a4cddc4247f4c3b81c8067d6a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_269ee",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="tenancy_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedusergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_groups', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="fa3d16093cd1bad46d75a7449f07f8a069683e5c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_33fe3",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="tenancy_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedusergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_groups', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="e24c8f4f038f6d069a113692aaacf3ad364bbc28",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_81898",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="tenancy_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackedusergroup",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_groups', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="d93c9dcc7b6c5983b18c8f2672ce6271ba80a93c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_7f705",
                    table="tenancy_user_groups",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduserpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_insert",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_user_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="c8e651552a65758d8cf53dae4da7acba01218820",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_audit_insert_f6ab4",
                    referencing="REFERENCING NEW TABLE AS newt ",
                    table="tenancy_user_user_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduserpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_update",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_user_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="1b8c347ee0eb70e4d169ee168409fae5baaa150f",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_audit_update_36215",
                    referencing="REFERENCING OLD TABLE AS oldt  NEW TABLE AS newt ",
                    table="tenancy_user_user_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduserpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_delete",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_user_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="12a579a1ce11abf98adcf23316b1b4eaec6138e1",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_audit_delete_cd67b",
                    referencing="REFERENCING OLD TABLE AS oldt ",
                    table="tenancy_user_user_permissions",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="trackeduserpermission",
            trigger=pgtrigger.compiler.Trigger(
                name="audit_truncate",
                sql=audit.triggers.CaptureSql(
                    execute="public.agi_audit_capture('tenancy_user_user_permissions', '{id}', '{}', '{}')",
                    func="-- stands already",
                    hash="9d2e95a9ab29d03ef4ea69c0364848560850e36c",
                    level="STATEMENT",
                    operation="TRUNCATE",
                    pgid="pgtrigger_audit_truncate_f2d5a",
                    table="tenancy_user_user_permissions",
                    when="AFTER",
                ),
            ),
        ),
    ]
