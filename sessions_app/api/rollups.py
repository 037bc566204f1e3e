"""Figures over many settled sessions: in total, over time, title by title (docs/settling.md, "Rollups")."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.response import Response

from sessions_app.api.base import ApiView
from sessions_app.api.shapes import LARGEST
from sessions_app.summaries import series
from sessions_app.viewers.roles import Action

# The year 9999 ends here; Postgres counts on, Python does not.
LAST_MS = 253_402_300_799_000
DAY_MS = 86_400_000
# So that no answer has more than 10,080 points.
LONGEST_MS = {"minute": 7 * DAY_MS, "day": 10_080 * DAY_MS}
MOST_TITLES = 200


class RollupsQuery(s.Serializer):
    from_ms = s.IntegerField(
        required=False, min_value=0, max_value=LAST_MS, help_text="a day before to_ms if not given"
    )
    to_ms = s.IntegerField(required=False, min_value=0, max_value=LAST_MS, help_text="now if not given")
    step = s.ChoiceField(list(series.STEPS), required=False, default="minute")
    content_id = s.CharField(required=False, max_length=1024)
    platform = s.CharField(required=False, max_length=64)
    input_id = s.IntegerField(required=False, min_value=0, max_value=LARGEST)


class Share(s.Serializer):
    n = s.IntegerField()
    of = s.IntegerField()


class Bucket(s.Serializer):
    le_ms = s.IntegerField(allow_null=True, help_text="its upper end; null: it has none")
    count = s.IntegerField()


class BitrateBucket(s.Serializer):
    le_bps = s.IntegerField(allow_null=True, help_text="its upper end; null: it has none")
    count = s.IntegerField()


class Figures(s.Serializer):
    """Ratios and percentiles are made from the sums of exactly what was asked for; null: nothing to measure."""

    sums = s.DictField(child=s.IntegerField(), help_text="the sums of docs/settling.md that are not 0")
    sessions = s.IntegerField()
    viewers = s.IntegerField(allow_null=True, help_text="of the minute or day; null in totals, as they do not add up")
    plays = s.IntegerField()
    content_ms = s.IntegerField()
    watched_ms = s.IntegerField()
    rebuffer_ratio = s.FloatField(allow_null=True)
    startup_histogram = Bucket(many=True)
    startup_p50_ms = s.IntegerField(allow_null=True)
    startup_p95_ms = s.IntegerField(allow_null=True)
    bitrate_histogram = BitrateBucket(many=True, help_text="sessions by their average bitrate")
    bitrate_p50_bps = s.IntegerField(allow_null=True)
    bitrate_p95_bps = s.IntegerField(allow_null=True)
    completion = Share(help_text="sessions that reached the end, of those that started")
    exits_before_start = Share()
    start_failures = Share()
    playback_failures = Share()
    ad_completion = Share()


class Totals(Figures):
    peak_viewers = s.IntegerField()
    peak_at_ms = s.IntegerField(allow_null=True)
    average_minute_audience = s.FloatField(
        allow_null=True, help_text="content time ÷ the length of the title asked for; without one, ÷ the range's length"
    )


class Point(Figures):
    at_ms = s.IntegerField()


class TitleFigures(Figures):
    content_id = s.CharField(allow_blank=True)


class Rollups(s.Serializer):
    from_ms = s.IntegerField(help_text="later than asked for when that was more than 10,080 steps")
    to_ms = s.IntegerField()
    step = s.CharField()
    totals = Totals()
    series = Point(many=True, help_text="the minutes or days in which anything happened")
    titles = TitleFigures(many=True, help_text="most played first, 200 at most")


class RollupsView(ApiView):
    needs = Action.SEE_BOARD

    @extend_schema(operation_id="rollups", parameters=[RollupsQuery], responses=Rollups)
    def get(self, request: Any) -> Response:
        """Settled sessions of a range of time, all or of one title, platform or input. What is live is the board's."""
        query = self.query(RollupsQuery)
        step = query["step"]
        to_ms = query.get("to_ms", round(self.now().timestamp() * 1000))
        from_ms = max(0, query.get("from_ms", to_ms - DAY_MS), to_ms - LONGEST_MS[step])
        names = {name: query[name] for name in ("content_id", "platform", "input_id") if name in query}
        asked = series.Range(self.workspace, from_ms, to_ms, **names)
        duration_ms = series.duration_of(self.workspace, names["content_id"]) if "content_id" in names else None
        titles = sorted(series.titles(asked, step).items(), key=lambda title: (-title[1]["content_ms"], title[0]))
        return Response(
            {
                "from_ms": from_ms,
                "to_ms": to_ms,
                "step": step,
                "totals": series.totals(asked, step, duration_ms),
                "series": series.series(asked, step),
                # Viewers of minutes and days do not add up here either.
                "titles": [{"content_id": name, **found, "viewers": None} for name, found in titles[:MOST_TITLES]],
            }
        )
