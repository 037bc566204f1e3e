"""POST a batch: validate each event, find its session, save it."""

import datetime as dt

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.naive.models import Event, Session


class EventSerializer(serializers.ModelSerializer):
    class Meta:
        model = Event
        fields = ["source_message_id", "event_name", "at", "attributes"]

    def create(self, validated):
        attributes = validated["attributes"]
        session, _ = Session.objects.get_or_create(
            media_session_id=attributes["media_session_id"], defaults={"content_id": attributes["content_id"]}
        )
        session.event_count += 1
        session.last_event_at = validated["at"]
        session.save()
        return Event.objects.create(session=session, **validated)


class Events(APIView):
    def post(self, request):
        events = [
            {
                "source_message_id": data["source_message_id"],
                "event_name": data["event_name"],
                "at": dt.datetime.fromtimestamp(data["timestamp_unixtime_ms"] / 1000, dt.UTC),
                "attributes": data["custom_attributes"],
            }
            for data in (event["data"] for event in request.data["events"])
        ]
        serializer = EventSerializer(data=events, many=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response({"accepted": len(events), "duplicates": 0}, status=202)
