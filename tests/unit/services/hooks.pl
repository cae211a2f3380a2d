# The hooks of Amavis's as they are rendered, without Amavis: hooks.pl HOOKS SENDER WAYS RECIPIENT...
# WAYS: "list sender way;..." as lookup_list_way has them, or "away" for a database that does not answer.
# hooks.pl HOOKS --subjects HEADER...: the digests of subjects, a line each, then what became of a line of the log.
use strict;
use warnings;

BEGIN { $INC{"$_.pm"} = 1 for qw(Amavis/Conf Amavis/Util DBI) }
package Amavis::Conf; sub import {}
package Amavis::Util; use Encode ();
sub import { *Amavis::Custom::safe_decode_mime = sub { $_[0] =~ /=\?/ ? Encode::decode('MIME-Header', $_[0]) : Encode::decode('UTF-8', $_[0]) }; *Amavis::Custom::do_log = sub { my(undef, $form, @more) = @_; printf("log: $form\n", @more) } }
package Amavis::Custom; sub CC_VIRUS() { 9 } sub CC_SPAM() { 6 } sub CC_BANNED() { 8 } sub ccat_maj { 0 }

package DBI;
our($ways, $asked) = ('', 0);
sub connect { die "away\n" if $ways eq 'away'; bless {}, shift }
sub selectall_arrayref {
  my(undef, $query, undef, @values) = @_;
  $asked++;
  die "no question: $query\n" if ($query =~ tr/?//) != @values || $query !~ /lookup_list_way/;
  my %values = map { ($_ => 1) } @values;
  return [map { [@$_[0, 2]] } grep { $values{$_->[0]} && $values{$_->[1]} } map { [split] } split(/;/, $ways)];
}

package Recipient;
sub recip_addr { $_[0]{address} }
sub recip_addr_modified { $_[0]{modified} = $_[1] }

package Message;
sub sender { $_[0]{sender} }
sub per_recip_data { $_[0]{recipients} }

package main;
my($file, $sender, @recipients);
($file, $sender, $DBI::ways, @recipients) = @ARGV;
$Amavis::Conf::log_templ = "[?%#D|#|Passed #\n, size: %z#\n, %y ms#\n]\n";
do $file or die $@ || $!;
if ($sender eq '--subjects') {
  print map { Amavis::Custom::subject_digest($_) . "\n" } $DBI::ways, @recipients;
  print $Amavis::Conf::log_templ;
  exit;
}
my $message = bless { sender => $sender, recipients => [map { bless { address => $_ }, 'Recipient' } @recipients] }, 'Message';
Amavis::Custom->before_send(undef, $message);
print join(' ', map { $_->{modified} // $_->{address} } @{$message->{recipients}}), "\n";
