# Made by Relevo from services/dovecot/templates/2.3/etc/dovecot/sieve/spam-to-junk.sieve.j2; changes here are lost.
# Runs before each user's own script. Amavis removes such headers of others and writes its own.
require ["fileinto", "mailbox", "envelope"];
# copies of what was refused are all marked, and what waits for a list's owner may be
if envelope :localpart :matches "to" ["relevo-quarantine", "relevo-held+*"] {
    stop;
}
if header :is "X-Spam-Flag" "YES" {
    fileinto :create "Junk";
    stop;
}
