"""Whom the server goes on sending to."""

from sessions_app.live import credit


def owing(frames, monkeypatch, at_s=0.0):
    told = credit.Credit()
    monkeypatch.setattr(credit.time, "monotonic", lambda: at_s)
    for seq in range(frames):
        told.spend(seq, 100)
    return told


def test_who_acknowledges_nothing_for_two_seconds_is_sent_no_more(monkeypatch):
    told = owing(credit.SILENT_FRAMES, monkeypatch)
    assert not told.used_up
    monkeypatch.setattr(credit.time, "monotonic", lambda: credit.SILENT_S + 0.1)
    assert told.used_up
    assert not told.is_ample
    told.acknowledge(0)
    assert not told.used_up
    assert told.is_ample


def test_a_few_frames_may_stay_unacknowledged_for_ever_and_a_burst_follow(monkeypatch):
    """A page acknowledges every twentieth: the last nineteen of a quiet session wait for the next."""
    told = owing(19, monkeypatch)
    monkeypatch.setattr(credit.time, "monotonic", lambda: 3_600.0)
    for seq in range(19, 100):
        told.spend(seq, 100)
    assert not told.used_up


def test_by_number_and_by_size_credit_ends_at_once(monkeypatch):
    assert owing(credit.MOST_FRAMES, monkeypatch).used_up
    told = owing(1, monkeypatch)
    told.spend(1, credit.MOST_BYTES)
    assert told.used_up
