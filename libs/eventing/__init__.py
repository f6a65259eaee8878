"""The only place that knows eventsourcing, nameko, kombu and SQLAlchemy together.

Reading order: ``aggregate`` (facts and rules), ``declarations`` and ``service`` (how a service is declared), ``engine``
(load, decide, save in one transaction), ``store`` (the gapless log), ``shipping`` and ``following`` (push for speed,
pull for truth), ``segments`` (who works on what), ``operations`` (a poisoned fact), ``host`` (what runs behind a
service, deadlines among it), ``client`` and ``calls`` (asking services), ``runner`` (processes).
"""
