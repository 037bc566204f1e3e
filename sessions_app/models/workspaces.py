"""Workspaces, who belongs to them, and the keys events come in with."""

from django.conf import settings
from django.db import models


class Workspace(models.Model):
    """A team's space: inputs, sessions, viewers, destinations."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(unique=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Custom event names that mean an error; empty: any name that contains "error".
    error_names = models.JSONField(default=list, blank=True)
    # A sandbox workspace holds replays and is never forwarded.
    is_sandbox = models.BooleanField(default=False)
    # Whose replays these are: its members are members here, with the same roles.
    sandbox_of = models.OneToOneField("self", on_delete=models.CASCADE, null=True, blank=True, related_name="sandbox")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; docs/security.md has the whole matrix. Admin is not support."""

    VIEWER = "viewer", "Viewer"
    SUPPORT = "support", "Support"
    OPS = "ops", "Ops"
    ADMIN = "admin", "Admin"


class Membership(models.Model):
    """One role of one user in one workspace; a user may hold several."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "workspace", "role"], name="role_held_once")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.workspace}"


class AccessToken(models.Model):
    """A bearer token for the REST API. Shown once; only its SHA-256 is kept."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tokens")
    role = models.CharField(max_length=16, choices=Role.choices)
    name = models.CharField(max_length=200, blank=True)
    token_sha256 = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.role} token {self.name or self.pk}"


class Platform(models.TextChoices):
    """Which client sends to an input; decides units where the client's own words leave them open."""

    WEB = "web", "Web SDK"
    ANDROID = "android", "Android SDK"
    IOS = "ios", "iOS SDK"
    ROKU = "roku", "Roku SDK"
    SERVER = "server", "Server (Events API)"
    WEBHOOK = "webhook", "mParticle webhook"


class Input(models.Model):
    """One key and secret, of one platform, in one workspace.

    The secret is kept as SHA-256. A native SDK signs with it, so for native platforms it is kept encrypted as well:
    those secrets are recoverable, and the pages say so.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="inputs")
    name = models.CharField(max_length=200)
    platform = models.CharField(max_length=16, choices=Platform.choices, default=Platform.SERVER)
    key = models.CharField(max_length=64, unique=True)
    secret_sha256 = models.BinaryField(max_length=32)
    secret_encrypted = models.BinaryField(null=True, blank=True)
    # The free Authorization header a webhook customer chose, as SHA-256.
    webhook_authorization_sha256 = models.BinaryField(null=True, blank=True)
    # Origins a web page may send from; empty: any.
    origins = models.JSONField(default=list, blank=True)
    signature_required = models.BooleanField(default=True)
    # Batches a second, sustained; null: the KEY_RATE_PER_S setting.
    rate_per_s = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "name"], name="input_named_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_platform_display()})"
