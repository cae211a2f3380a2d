"""The portal's addresses."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from relevo.web.account.absence import absence
from relevo.web.account.devices import devices
from relevo.web.account.digest import digest, release
from relevo.web.account.entrance import login, logout, second_step
from relevo.web.account.factor import factor, factor_codes, remove_factor, set_up_factor
from relevo.web.account.forwarding import forwarding
from relevo.web.account.held import decide, held, held_post
from relevo.web.account.overview import overview
from relevo.web.account.password import password
from relevo.web.account.programs import new_program, programs, revoke_program
from relevo.web.account.quarantine import quarantine, quarantined, senders
from relevo.web.account.setting_up import profile, profile_with_password, setting_up
from relevo.web.account.shared import shared

app_name = "account"
urlpatterns = [
    path("", overview, name="overview"),
    path("login/", login, name="login"),
    path("login/second/", second_step, name="second_step"),
    path("logout/", logout, name="logout"),
    path("language/", set_language, name="language"),
    path("password/", password, name="password"),
    path("programs/", programs, name="programs"),
    path("devices/", devices, name="devices"),
    path("programs/new/", new_program, name="new_program"),
    path("programs/<int:number>/revoke/", revoke_program, name="revoke_program"),
    path("forwarding/", forwarding, name="forwarding"),
    path("absence/", absence, name="absence"),
    path("held/", held, name="held"),
    path("held/decide/", decide, name="decide"),
    path("held/<str:number>/", held_post, name="held_post"),
    path("quarantine/", quarantine, name="quarantine"),
    path("quarantine/<str:number>/", quarantined, name="quarantined"),
    path("senders/", senders, name="senders"),
    path("digest/", digest, name="digest"),
    path("release/", release, name="release"),
    path("shared/", shared, name="shared"),
    path("factor/", factor, name="factor"),
    path("factor/set-up/", set_up_factor, name="set_up_factor"),
    path("factor/codes/", factor_codes, name="factor_codes"),
    path("factor/remove/", remove_factor, name="remove_factor"),
    path("set-up/", setting_up, name="setting_up"),
    path("set-up/profile/", profile, name="profile"),
    path("set-up/profile/password/", profile_with_password, name="profile_with_password"),
]
