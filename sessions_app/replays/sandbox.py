"""The workspace replays go into: one beside each workspace, for the same people, never forwarded.

It has no members of its own: whoever is a member of the workspace is one here, by `Workspace.sandbox_of`
(viewers.roles), and is none the moment the role is taken away there.
"""

from sessions_app.models import Input, Workspace
from sessions_app.viewers.setup import make_input

INPUT_NAME = "Replays"
# Slugs are at most 50 characters long.
LONGEST_STEM = 50 - len("-replays")


def sandbox_for(workspace: Workspace) -> Workspace:
    """The sandbox of this workspace, made when missing; a replay of a replay stays where it is."""
    if workspace.is_sandbox:
        return workspace
    sandbox, _ = Workspace.objects.update_or_create(
        sandbox_of=workspace,
        defaults={"time_zone": workspace.time_zone, "error_names": workspace.error_names, "is_sandbox": True},
        create_defaults={
            "name": f"{workspace.name} replays"[:200],
            "slug": _free_slug(workspace),
            "time_zone": workspace.time_zone,
            "error_names": workspace.error_names,
            "is_sandbox": True,
        },
    )
    return sandbox


def input_for(workspace: Workspace) -> Input:
    """The input a workspace's replays are posted to. The web door asks for its key alone, so no secret is kept."""
    sandbox = sandbox_for(workspace)
    found = Input.objects.filter(workspace=sandbox, name=INPUT_NAME, revoked_at=None).first()
    return found or make_input(sandbox, _free_name(sandbox), "web").input


def _free_slug(workspace: Workspace) -> str:
    slug = f"{workspace.slug[:LONGEST_STEM]}-replays"
    return slug if not Workspace.objects.filter(slug=slug).exists() else f"replays-of-{workspace.pk}"


def _free_name(sandbox: Workspace) -> str:
    taken = Input.objects.filter(workspace=sandbox, name__startswith=INPUT_NAME).count()
    return f"{INPUT_NAME} {taken + 1}" if taken else INPUT_NAME
