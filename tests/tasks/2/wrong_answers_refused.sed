# The line that is too long is answered.
# report: after a line of 1001 bytes
s/                    return;/{ answer(client, length); return; }/
