"""The template of the report page: a module, not a data file, so that it is installed with the code."""

PAGE = """\
{% macro heading(level, arabic, english) %}
<h{{ level }}>{{ arabic }} <span lang="en" dir="ltr">{{ english }}</span></h{{ level }}>
{% endmacro %}
{% macro sources(citations, judged) %}
<ol class="citations">
{% for citation in citations %}
<li value="{{ citation.number }}"{% if judged and not citation.exact %} class="bad"{% endif %}>
<blockquote dir="auto">{{ citation.quote }}</blockquote>
<small dir="auto">{{ citation.title or citation.article_id }}
{% if citation.source %} · {{ citation.source }}{% endif %} ·
<code dir="ltr">{{ citation.article_id }}@{{ citation.article_version
}}[{{ citation.start }}:{{ citation.end }}]</code>
{% if judged and not citation.exact %} · ليس حرفيًا · not the stored text{% endif %}</small>
</li>
{% endfor %}
</ol>
{% endmacro %}
<!doctype html>
<html lang="ar" dir="rtl">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>تقييم سند · Sanad evaluation</title>
<style>
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --good: #81c784; } }
body { font: 1rem/1.7 system-ui, "Noto Naskh Arabic", Tahoma, sans-serif; max-width: 72rem; margin: auto;
  padding: 1rem; }
h1 span, h2 span, h3 span { font-weight: normal; font-size: .75em; opacity: .75; margin-inline-start: .5em; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .6rem; text-align: start; }
td.number { font-variant-numeric: tabular-nums; direction: ltr; text-align: end; }
small { opacity: .8; }
.bad { color: var(--bad); }
.good { color: var(--good); }
article { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem; margin-block: 1rem; }
blockquote { margin: 0; border-inline-start: 3px solid var(--line); padding-inline-start: .6rem; }
dt { font-weight: bold; margin-block-start: .5rem; }
dd { margin: 0; }
.answer { white-space: pre-line; }
code { overflow-wrap: anywhere; }
</style>
</head>
<body>
<header>
{{ heading(1, "تقييم سند", "Sanad evaluation") }}
<p>
{% for suite in run.run.suites %}
<bdi>{{ suite.suite }}</bdi> ({{ suite.cases }}){{ "، " if not loop.last }}
{% endfor %}
 · <bdi>{{ run.run.target }}</bdi> · <time dir="ltr">{{ run.run.date }}</time></p>
</header>
<main>
<section>
{{ heading(2, "المقاييس", "Metrics") }}
<div class="scroll"><table>
<thead><tr><th>المقياس <small lang="en">Metric</small></th><th>القيمة <small lang="en">Value</small></th>
<th>الحد الأدنى <small lang="en">Minimum</small></th></tr></thead>
<tbody>
{% for name, value in run.metrics.items() %}
{% set minimum = minimums.get(name) %}
{% set unmet = minimum is not none and (value is none or value < minimum) %}
<tr><th>{{ definitions[name].arabic }}
<small lang="en" dir="ltr">{{ definitions[name].english }} <code>{{ name }}</code></small></th>
<td class="number{{ " bad" if unmet }}">{{ name | metric(value) }}
{% if name in run.notes %}<small lang="en">{{ run.notes[name] }}</small>{% endif %}</td>
<td class="number">{{ "" if minimum is none else name | metric(minimum) }}</td></tr>
{% endfor %}
</tbody></table></div>
</section>
{% for arabic, english, groups in breakdowns %}
{% if groups %}
<section>
{{ heading(2, arabic, english) }}
<div class="scroll"><table>
<thead><tr><td></td><th>الحالات <small lang="en">Cases</small></th>
{% for name in run.metrics %}
<th>{{ definitions[name].arabic }}<br><small lang="en">{{ definitions[name].english }}</small></th>
{% endfor %}
</tr></thead>
<tbody>
{% for label, group in groups.items() %}
<tr><th><bdi>{{ label }}</bdi></th><td class="number">{{ group.cases }}</td>
{% for name, value in group.metrics.items() %}
<td class="number">{{ name | metric(value) }}</td>
{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
</section>
{% endif %}
{% endfor %}
<section>
{{ heading(2, "الحالات الفاشلة", "Failing cases") }}
{% if not failing %}
<p class="good">لا حالة فاشلة. <span lang="en" dir="ltr">None.</span></p>
{% endif %}
{% for case in failing %}
<article>
<h3><bdi>{{ case.suite }} / {{ case.id }}</bdi></h3>
<dl>
{% if case.before %}
<dt>قبله <small lang="en">Before</small></dt>
{% for question in case.before %}<dd dir="auto">{{ question }}</dd>{% endfor %}
{% endif %}
<dt>السؤال <small lang="en">Question</small></dt>
<dd dir="auto">{{ case.question }}</dd>
{% if case.standalone_question and case.standalone_question != case.question %}
<dt>السؤال المستقل <small lang="en">Standalone question</small></dt>
<dd dir="auto">{{ case.standalone_question }}</dd>
{% endif %}
<dt>لم يتحقق <small lang="en">Not met</small></dt>
{% for check in case.checks if not check.passed %}
<dd class="bad"><code dir="ltr">{{ check.name }}</code>: <bdi>{{ check.detail }}</bdi></dd>
{% endfor %}
{% if case.answer is not none %}
<dt>الجواب <small lang="en">Answer · {{ case.status }} · {{ case.mode }} ·
{{ "%.2f" | format(case.confidence) }}</small></dt>
<dd dir="auto" class="answer">{{ case.answer }}</dd>
{% for sentence in case.sentences if not sentence.grounded %}
<dd class="bad" dir="auto">غير مسند · not supported: {{ sentence.text }}</dd>
{% endfor %}
{% if case.citations %}
<dt>الاقتباسات <small lang="en">Citations</small></dt>
<dd>{{ sources(case.citations, true) }}</dd>
{% endif %}
{% if case.related %}
<dt>مقاطع قريبة <small lang="en">Related passages, not an answer</small></dt>
<dd>{{ sources(case.related, false) }}</dd>
{% endif %}
{% endif %}
</dl>
</article>
{% endfor %}
</section>
<section>
{{ heading(2, "التشغيل", "Run") }}
<div class="scroll"><table>
{% for name, value in run.run.items() %}
<tr><th><code dir="ltr">{{ name }}</code></th><td dir="ltr"><code>{{ value }}</code></td></tr>
{% endfor %}
</table></div>
</section>
</main>
</body>
</html>
"""
