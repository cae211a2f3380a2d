"""All addresses of the web. nginx passes on `/admin/`, `/account/`, `/api/` and what mail programs ask for, no more."""

from __future__ import annotations

from django.urls import include, path
from django.views.i18n import set_language

from relevo.web import discovery, views
from relevo.web.api.site import api, openapi, start
from relevo.web.site import site

urlpatterns = [
    path("admin/language/", set_language, name="set_language"),
    path("admin/", site.urls),
    path("account/", include("relevo.web.account.urls")),
    path("api/v1/", start, name="api"),
    path("api/v1/openapi.json", openapi, name="openapi"),
    path("api/v1/", api.urls),
    path(".well-known/autoconfig/mail/config-v1.1.xml", discovery.autoconfig, name="autoconfig"),
    path("autodiscover/autodiscover.xml", discovery.autodiscover, name="autodiscover"),
    path("health", views.health),  # the agent's, by the socket: nobody else gets there
]
handler403 = "relevo.web.views.forbidden"
handler404 = "relevo.web.views.not_found"
handler500 = "relevo.web.views.failed"
