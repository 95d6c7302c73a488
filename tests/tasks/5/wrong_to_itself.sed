# The line goes to its sender too.
# report: what client
s/if (i != but \&\& /if (/
