# The connection stays open.
# report: \("2[^"]*"\), then the end of the stream came *\1, then nothing for 3 seconds
s/    close(caller);//
