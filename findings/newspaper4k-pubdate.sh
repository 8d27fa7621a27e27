#!/usr/bin/env bash
# newspaper4k 0.9.6 (PyPI); goose3 3.1.22 (PyPI) does the same with `Description`.
#
# Expected: <meta name="PubDate"> is read like <meta name="pubdate">. HTML Standard, 4.2.5.1
#   (standard metadata names): names are compared without regard to ASCII case.
# Seen: newspaper4k has a list of names, each in one or two spellings: pubdate, publishdate,
#   PublishDate. PubDate is not among them, so `publish_date` is None. `Description` and `Keywords`
#   give nothing either, though `description` and `keywords` do.
# Why it matters: PubDate, Description and Keywords are the spellings that the State Council's
#   guide for government websites (政府网站发展指引, 国办发〔2017〕47号) prescribes for the tags of
#   pages. A portal that follows the guide gives its date to machines in the one spelling that this
#   library does not know.
source "$(dirname "$0")/lib.sh"
export TMPDIR="$work" # jieba keeps its dictionary there
python_packages newspaper4k==0.9.6 goose3==3.1.22 jieba==0.42.1

seen=$(python 2> /dev/null <<'END'
import goose3
import newspaper

BODY = "<h1>关于停水的通知</h1><p>" + "因检修管道，城关镇部分街道停水，请居民提前储水。" * 5 + "</p>"
PAGE = ('<!DOCTYPE html><html lang="zh-CN"><head><title>关于停水的通知</title>%s</head>'
        '<body>%s</body></html>')

for pair in (("pubdate", "PubDate"), ("description", "Description"), ("keywords", "Keywords")):
    for name in pair:
        value = "2026-01-05 09:30" if "date" in name.lower() else "停水"
        html = PAGE % ('<meta name="%s" content="%s">' % (name, value), BODY)
        article = newspaper.Article("http://www.example.com/a.html", language="zh")
        article.download(input_html=html)
        article.parse()
        goose = goose3.Goose({"target_language": "zh"}).extract(raw_html=html)
        print(name, article.publish_date, [article.meta_description], article.meta_keywords,
              [goose.meta_description])
END
)

compare "$seen" <<'END'
pubdate 2026-01-05 09:30:00 [''] [''] ['']
PubDate None [''] [''] ['']
description None ['停水'] [''] ['停水']
Description None [''] [''] ['']
keywords None [''] ['停水'] ['']
Keywords None [''] [''] ['']
END
