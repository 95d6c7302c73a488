# It looks for ".." before it decodes the path.
# report: answer to GET /%2e%2e/site-old
s/^    decode(path);//
s/^    if (path\[0\] != '\/' || leads_out(path))/    bool out = leads_out(path); decode(path); if (out)/
