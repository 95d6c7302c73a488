# The length is judged at the newline.
# report: client 6 sent 4194304
s/if (++length > LONGEST)/if (++length == 0)/
s/            if (answer/            if (length > LONGEST || answer/
