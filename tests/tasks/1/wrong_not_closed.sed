# The connection stays open.
# report: then nothing for 3 seconds
s/    close(caller);//
