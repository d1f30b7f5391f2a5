"""The template of the report page and its look: a module, not data files, so that they are installed with the code.

Every text is there in both languages, side by side in the source; the two radio buttons before the page show one of
them, by CSS alone. Directions are logical throughout, so one sheet serves both.
"""

STYLE = """
:root { color-scheme: light dark;
  --paper: #faf8f3; --surface: #fff; --raised: #f3efe6; --ink: #1c2b30; --muted: #55656a; --line: #e2dccf;
  --accent: #0f6b5c; --accent-soft: #d3e8e2; --bad: #9d2f1c; --bad-soft: #fbeae5; --warn: #7a5200;
  --mark: #ffe79a; --second: #b0702a; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #11181b; --surface: #192226; --raised: #222d32; --ink: #e9eeec; --muted: #a3b1b3; --line: #2f3c41;
  --accent: #6fcfb8; --accent-soft: #1f453f; --bad: #ff9d88; --bad-soft: #3b221d; --warn: #f0c565;
  --mark: #6b5511; --second: #e6ab6a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.75 "Sanad Arabic", system-ui, "Segoe UI", Tahoma, sans-serif; }
#page { max-width: 74rem; margin-inline: auto; padding: 1.25rem clamp(.9rem, 3vw, 2.5rem) 4rem; }
#page, #page [dir="rtl"] { direction: rtl; }
#in-english:checked ~ #page { direction: ltr; }
#in-english:checked ~ #page .ar, #in-arabic:checked ~ #page .en { display: none; }
.languages { position: absolute; opacity: 0; pointer-events: none; }
.switch { display: inline-flex; border: 1px solid var(--line); border-radius: 2rem; overflow: hidden;
  background: var(--surface); font-size: .875rem; }
.switch label { padding: .15rem 1rem; cursor: pointer; color: var(--muted); }
#in-arabic:checked ~ #page label[for="in-arabic"], #in-english:checked ~ #page label[for="in-english"] {
  background: var(--accent); color: var(--paper); font-weight: 700; }
#in-arabic:focus-visible ~ #page .switch, #in-english:focus-visible ~ #page .switch {
  outline: 2px solid var(--accent); outline-offset: 2px; }
.top { display: flex; justify-content: space-between; align-items: start; gap: 1rem; }
h1 { font-size: clamp(1.6rem, 4vw, 2.35rem); line-height: 1.3; margin: 0; }
h2 { font-size: 1.35rem; line-height: 1.4; margin: 3rem 0 .75rem; padding-block-end: .35rem;
  border-block-end: 2px solid var(--line); }
h3 { font-size: 1.02rem; margin: 0 0 .35rem; }
p { margin: .35rem 0; }
.facts { color: var(--muted); font-size: .92rem; margin-block-start: .4rem; }
.facts > span:not(:last-child)::after { content: "·"; margin-inline: .5em; color: var(--line); }
.lead { color: var(--muted); font-size: .92rem; max-width: 60rem; }
.verdict { display: inline-block; margin-block-start: 1rem; padding: .3rem 1rem; border-radius: .5rem;
  background: var(--accent-soft); color: var(--accent); font-weight: 700; }
.verdict.bad { background: var(--bad-soft); }
.bad { color: var(--bad); }
.good { color: var(--accent); }
small, .muted { color: var(--muted); font-size: .85rem; font-weight: 400; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; direction: ltr; unicode-bidi: isolate;
  overflow-wrap: anywhere; }
.number { font-variant-numeric: tabular-nums; direction: ltr; unicode-bidi: isolate; white-space: nowrap; }

.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15.5rem, 100%), 1fr)); gap: .9rem;
  margin-block-start: 1.5rem; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: .85rem 1rem .95rem; }
.card.bad { border-color: var(--bad); color: inherit; }
.card h3 { font-size: .95rem; margin: 0; font-weight: 400; color: var(--muted); }
.card .value { font-size: 2.1rem; line-height: 1.35; font-weight: 700; }
.card.bad .value { color: var(--bad); }
.card .change { font-size: .85rem; }
.track { position: relative; height: .5rem; border-radius: .25rem; background: var(--raised);
  margin-block: .45rem .35rem; }
.track > * { position: absolute; inset-block: 0; }
.track .range { background: var(--accent); opacity: .35; border-radius: .25rem; min-width: 2px; }
.track .at { width: .25rem; margin-inline-start: -.125rem; background: var(--accent); border-radius: .125rem; }
.track .bound { width: 2px; inset-block: -.25rem; background: var(--ink); opacity: .65; }
.card.bad .range, .card.bad .at { background: var(--bad); }
.card .foot { display: flex; justify-content: space-between; gap: .5rem; font-size: .82rem; color: var(--muted); }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; }
table.wide { width: 100%; }
th, td { border-block-end: 1px solid var(--line); padding: .4rem .7rem; text-align: start; vertical-align: baseline; }
thead th { color: var(--muted); font-weight: 400; font-size: .85rem; vertical-align: bottom; }
td.number { text-align: end; }
tbody th { font-weight: 400; }

.bars { display: grid; grid-template-columns: minmax(5rem, max-content) 1fr max-content; gap: .4rem .9rem;
  align-items: center; }
.bars .row { display: contents; }
.bars .bar { position: relative; height: 1.15rem; background: var(--raised); border-radius: .25rem; }
.bars .fill { position: absolute; inset-block: 0; inset-inline-start: 0; background: var(--accent); opacity: .75;
  border-radius: .25rem; }
.bars .whisker { position: absolute; inset-block: 50% auto; height: 2px; margin-block-start: -1px;
  background: var(--ink); }
.bars .whisker::before, .bars .whisker::after { content: ""; position: absolute; inset-block: -.25rem;
  width: 2px; background: var(--ink); }
.bars .whisker::before { inset-inline-start: 0; }
.bars .whisker::after { inset-inline-end: 0; }
.bars .name { overflow-wrap: anywhere; }

.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 1.1rem; }
figure { margin: 0; background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
figcaption h3 { margin: 0; }
figcaption p { color: var(--muted); font-size: .85rem; line-height: 1.6; }
svg { display: block; width: 100%; height: auto; margin-block-start: .5rem; }
svg text { font-size: 12px; fill: var(--muted); }
svg .axis { font-size: 13px; }
svg .grid { stroke: var(--line); }
svg .line { fill: none; stroke: var(--accent); stroke-width: 2.5; stroke-linejoin: round; }
svg .area { fill: var(--accent); opacity: .12; }
svg .dot { fill: var(--accent); }
svg .line.s1 { stroke: var(--second); }
svg .dot.s1 { fill: var(--second); }
svg .bar { fill: var(--accent); opacity: .75; }
svg .ideal { stroke: var(--muted); stroke-dasharray: 2 5; stroke-width: 1.5; }
svg .whisker { stroke: var(--accent); opacity: .55; stroke-width: 1.5; }
svg .mark { stroke: var(--second); stroke-width: 1.5; stroke-dasharray: 4 3; }
svg .marked { fill: var(--ink); font-weight: 700; }

article { background: var(--surface); border: 1px solid var(--line); border-inline-start: 4px solid var(--bad);
  border-radius: .75rem; padding: 1rem clamp(.9rem, 2.5vw, 1.5rem); margin-block: 1.1rem; }
article .question { font-size: 1.2rem; font-weight: 700; line-height: 1.6; margin-block: .1rem .4rem; }
article h4 { font-size: .85rem; font-weight: 400; color: var(--muted); margin: 1rem 0 .2rem; }
.before { color: var(--muted); }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 1rem; padding: 0 .65rem;
  font-size: .8rem; color: var(--muted); }
ul.unmet { list-style: none; margin: .5rem 0; padding: .5rem .9rem; background: var(--bad-soft); border-radius: .5rem; }
ul.unmet li { color: var(--bad); overflow-wrap: anywhere; }
ul.plain { list-style: none; margin: 0; padding: 0; }
ul.plain li { margin-block: .5rem; }
.said { margin-block: .35rem; line-height: 1.9; }
.who { color: var(--accent); font-size: .85rem; }
.cited { color: var(--accent); font-size: .8em; font-weight: 700; margin-inline: .15em; unicode-bidi: isolate; }
blockquote { margin: .3rem 0 0; padding: .6rem .9rem; background: var(--raised); border-radius: .5rem;
  color: var(--muted); line-height: 1.95; text-align: start; white-space: pre-line; overflow-wrap: anywhere; }
mark { background: var(--mark); color: var(--ink); border-radius: .2rem; padding: .1em .15em;
  box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.source { font-size: .85rem; }
details > summary { cursor: pointer; color: var(--accent); margin-block: .75rem; width: fit-content; }
details[open] > summary { font-weight: 700; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 2rem; }
[dir="auto"] { text-align: start; unicode-bidi: isolate; }
@media (max-width: 34rem) {
  .top { flex-direction: column-reverse; }
  .cards { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .card { padding: .65rem .75rem; }
  .card .value { font-size: 1.6rem; }
  .card .foot { flex-direction: column; gap: 0; }
  .bars { display: block; }
  .bars .row { display: grid; grid-template-columns: 1fr max-content; gap: .1rem .75rem; margin-block-end: .6rem; }
  .bars .bar { grid-column: 1 / -1; order: 1; }
}
@media print { .switch, details > summary { display: none; } article, figure, .card { break-inside: avoid; } }
"""

PAGE = """\
{% macro t(arabic, english) %}
<span class="ar" lang="ar">{{ arabic }}</span><span class="en" lang="en">{{ english }}</span>
{%- endmacro %}
{% macro metric_name(name) %}{{ t(definitions[name].arabic, definitions[name].english) }}{% endmacro %}
{% macro case_name(case) %}<code>{{ case.suite }}/{{ case.id }}</code>{% endmacro %}
{% macro sources(citations, judged) %}
<ul class="plain">
{% for excerpt in citations | excerpts %}
<li><span class="source"><bdi>{{ excerpt.first.title or excerpt.first.article_id }}</bdi>
{% if excerpt.first.source %} · <bdi>{{ excerpt.first.source }}</bdi>{% endif %} ·
<code>{{ excerpt.first.article_id }}@{{ excerpt.first.article_version }}
{%- for citation in excerpt.citations %}[{{ citation.start }}:{{ citation.end }}]{% endfor %}</code></span>
{% if judged and not excerpt.citations | map(attribute="exact") | min %}
<strong class="bad">{{ t("ليس نص المقال المحفوظ", "not the stored text") }}</strong>
{% endif %}
<blockquote dir="auto">{{ "… " if excerpt.cut and excerpt.pieces | length > 1 }}
{%- for piece in excerpt.pieces -%}
{% if piece.cited %}<mark>{{ piece.text }}</mark>{% else %}{{ piece.text }}{% endif %}
{%- for number in piece.numbers %}<span class="cited">[{{ number }}]</span>{% endfor %}
{%- endfor %}{{ " …" if not excerpt.pieces[-1].cited }}</blockquote></li>
{% endfor %}
</ul>
{% endmacro %}
{% macro answered(case) %}
{% if case.sentences %}
{% for sentence in case.sentences %}
<div class="said" dir="auto">{{ sentence.text }}
{%- for number in sentence.citations %} <span class="cited">[{{ number }}]</span>{% endfor %}
{% if sentence.attribution and (sentence.attribution.speaker or sentence.attribution.outlet) %}
<span class="who">— <bdi>{{ sentence.attribution.speaker or sentence.attribution.outlet }}</bdi></span>
{% endif %}
{% if not sentence.grounded %}
<strong class="bad">{{ t("لا يسنده اقتباسه", "not supported by its quotes") }}</strong>
{% endif %}</div>
{% endfor %}
{% else %}
<div class="said" dir="auto">{{ case.answer }}</div>
{% endif %}
{% endmacro %}
{% macro group_table(groups) %}
<div class="scroll"><table>
<thead><tr><th></th><th>{{ t("الحالات", "Cases") }}</th>
{% for name in run.metrics %}<th>{{ metric_name(name) }}</th>
{% endfor %}</tr></thead>
<tbody>
{% for label, group in groups.items() %}
<tr><th><bdi>{{ label }}</bdi></th><td class="number">{{ group.cases }}</td>
{% for name, value in group.metrics.items() %}
<td class="number">{{ name | metric(value) }}<br><small>{{ name | between(group.intervals.get(name)) }}</small></td>
{% endfor %}</tr>
{% endfor %}
</tbody></table></div>
{% endmacro %}
<!doctype html>
<html lang="ar" dir="rtl">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>تقييم سند · Sanad evaluation</title>
<style>
{{ style }}
</style>
</head>
<body>
<input class="languages" type="radio" name="language" id="in-arabic" checked aria-label="العربية">
<input class="languages" type="radio" name="language" id="in-english" aria-label="English">
<div id="page">
<header>
<div class="top">
<h1>{{ t("تقييم سند", "Sanad evaluation") }}</h1>
<div class="switch"><label for="in-arabic" lang="ar">العربية</label>
<label for="in-english" lang="en">English</label></div>
</div>
<p class="facts">
{% for suite in run.run.suites %}
<span><bdi>{{ suite.suite }}</bdi> (<bdi>{{ suite.cases }}</bdi>)</span>
{% endfor %}
<span><bdi>{{ run.run.target }}</bdi></span>
{% if run.run.get("model") %}<span><bdi>{{ run.run.model.name }}</bdi></span>{% endif %}
<span><time class="number">{{ run.run.date | date }}</time></span>
</p>
{% if bounds %}
{% if unmet %}
<p class="verdict bad">{{ t("لم يتحقق من الحدود " ~ unmet | length ~ " من " ~ bounds | length,
unmet | length ~ " of " ~ bounds | length ~ " bounds not met") }}</p>
{% else %}
<p class="verdict">{{ t("تحققت الحدود كلها (" ~ bounds | length ~ ")", "All " ~ bounds | length ~ " bounds met") }}</p>
{% endif %}
{% endif %}
</header>
<main>
<section class="cards">
{% for name in shares %}
{% set interval = run.intervals.get(name) %}
<div class="card{{ " bad" if name in unmet }}" data-metric="{{ name }}">
<h3>{{ metric_name(name) }}</h3>
<div class="value"><span class="number">{{ name | metric(run.metrics[name]) }}</span>
{% if comparison and comparison.direction(name) %}
<span class="change number {{ "good" if comparison.direction(name) > 0 else "bad" }}">
{{- name | signed(comparison.metrics[name].difference) }}</span>
{% endif %}</div>
<div class="track">
{% if interval %}<span class="range" style="inset-inline-start: {{ interval[0] | percent }};
 width: {{ (interval[1] - interval[0]) | percent }}"></span>{% endif %}
<span class="at" style="inset-inline-start: {{ run.metrics[name] | percent }}"></span>
{% if name in bounds %}<span class="bound" style="inset-inline-start: {{ bounds[name] | percent }}"></span>{% endif %}
</div>
<div class="foot"><span class="number">{{ name | between(interval) }}</span>
{% if name in bounds %}<span>{{ t("الحد", "bound") }}
<span class="number">{{ name | metric(bounds[name]) }}</span></span>
{% endif %}</div>
</div>
{% endfor %}
</section>
<p class="lead">
{{ t("بين المعقوفين مجال الثقة 95٪ بإعادة السحب من الحالات، وهو الشريط الفاتح" ~
("؛ والخط القائم هو الحد المطلوب." if bounds else "."),
"In brackets, and as the pale band, the 95 % interval of resampled cases" ~
("; the upright line is the bound." if bounds else ".")) }}</p>

{% if previous %}
<section>
<h2>{{ t("الفرق عن التشغيل السابق", "Against the previous run") }}</h2>
{% if comparison %}
<p class="lead">{{ t("على " ~ comparison.cases ~
" حالة مشتركة. p هو احتمال فرق كهذا مصادفة، بعد التصحيح لعدد المقاييس. السابق:", "Over " ~ comparison.cases ~
" shared cases. p is how often chance makes such a difference, corrected for the number of metrics. Previous:") }}
<time class="number">{{ previous.run.date | date }}</time></p>
<div class="scroll"><table>
<thead><tr><th>{{ t("المقياس", "Metric") }}</th><th>{{ t("قبل", "Before") }}</th><th>{{ t("بعد", "After") }}</th>
<th>{{ t("الفرق", "Difference") }}</th><th>{{ t("مجاله 95٪", "95 % interval") }}</th><th>p</th><th></th></tr></thead>
<tbody>
{% for name, change in comparison.metrics.items() if change.differs %}
{% set direction = comparison.direction(name) %}
<tr><th>{{ metric_name(name) }}</th><td class="number">{{ name | metric(change.before) }}</td>
<td class="number">{{ name | metric(change.after) }}</td>
<td class="number {{ "good" if direction > 0 else "bad" if direction < 0 }}">{{ name | signed(change.difference) }}</td>
<td class="number">{% if change.interval %}
[{{ name | signed(change.interval[0]) }}, {{ name | signed(change.interval[1]) }}]{% endif %}</td>
<td class="number">{{ "%.3f" | format(change.p_adjusted) }}</td>
<td>{% if change.significant and direction %}<strong class="{{ "good" if direction > 0 else "bad" }}">
{{- t("أفضل", "better") if direction > 0 else t("أسوأ", "worse") }}</strong>
{%- else %}<span class="muted">{{ t("قد يكون مصادفة", "may be chance") }}</span>{% endif %}</td></tr>
{% endfor %}
</tbody></table></div>
<p class="lead">{{ t("ما لم يُذكر من المقاييس لم تتغير فيه حالة.", "In the metrics not listed no case differs.") }}</p>
<div class="two">
{% for arabic, english, kind, changed in (("صارت تفشل", "Now failing", "bad", comparison.broken),
("صارت تنجح", "Now passing", "good", comparison.fixed)) %}
<div>
<h3 class="{{ kind }}">{{ t(arabic, english) }} ({{ changed | length }})</h3>
<ul class="plain">
{% for case in changed %}
<li><bdi>{{ case.question }}</bdi><br>{{ case_name(case) }}</li>
{% endfor %}
</ul>
</div>
{% endfor %}
</div>
{% for arabic, english, names in (("تغيّر نص سؤالها فلم تُقارن", "Reworded, so not compared", comparison.reworded),
("في السابق وحده", "Only in the previous run", comparison.only_before),
("في هذا وحده", "Only in this run", comparison.only_after)) if names %}
<details><summary>{{ t(arabic, english) }} ({{ names | length }})</summary>
<p>{% for name in names %}<code>{{ name }}</code> {% endfor %}</p></details>
{% endfor %}
{% else %}
<p>{{ t("لا حالة مشتركة بينهما.", "The two have no case in common.") }}</p>
{% endif %}
</section>
{% endif %}

{% if tags %}
<section>
<h2>{{ t("حسب الوسم", "By tag") }}</h2>
<p class="lead">{{ t("نسبة الحالات الناجحة، الأضعف أولًا، مع مجال الثقة 95٪.",
"Share of cases that pass, the weakest first, with its 95 % interval.") }}</p>
<div class="bars">
{% for label, group in tags.items() %}
{% set value = group.metrics.case_pass_rate %}
{% set interval = group.intervals.get("case_pass_rate") %}
<div class="row" data-tag="{{ label }}"><span class="name"><bdi>{{ label }}</bdi></span>
<div class="bar"><span class="fill" style="width: {{ value | percent }}"></span>
{% if interval %}<span class="whisker" style="inset-inline-start: {{ interval[0] | percent }};
 width: {{ (interval[1] - interval[0]) | percent }}"></span>{% endif %}</div>
<span class="number">{{ "case_pass_rate" | metric(value) }}
<small>{{ passed[label] }}/{{ group.cases }}</small></span></div>
{% endfor %}
</div>
<details><summary>{{ t("كل المقاييس لكل وسم", "Every metric of every tag") }}</summary>{{ group_table(tags) }}</details>
{% if suites | length > 1 %}
<details><summary>{{ t("حسب المجموعة", "By suite") }}</summary>{{ group_table(suites) }}</details>
{% endif %}
</section>
{% endif %}

{% if confidence %}
<section>
<h2>{{ t("الثقة والامتناع", "Confidence and abstention") }}</h2>
<div class="figures">
{% for figure in confidence %}
<figure>
<figcaption><h3>{{ t(figure.arabic, figure.english) }}</h3>
<p>{{ t(figure.note_arabic, figure.note_english) }}</p></figcaption>
{{ figure.chart }}
</figure>
{% endfor %}
</div>
</section>
{% endif %}

<section>
<h2>{{ t("الزمن والكلفة والثبات", "Time, cost and steadiness") }}</h2>
<div class="figures">
{% if latency %}
<figure><figcaption><h3>{{ t("زمن الجواب", "Answer times") }}</h3></figcaption>{{ latency }}</figure>
{% endif %}
<div class="scroll"><table class="wide">
<tbody>
{% for name in others %}
<tr data-metric="{{ name }}"><th>{{ metric_name(name) }}</th>
<td class="number{{ " bad" if name in unmet }}">{{ name | metric(run.metrics[name]) }}</td>
<td class="number"><small>{{ name | between(run.intervals.get(name)) }}</small>
{% if name in run.notes %}<small>{{ t(definitions[name].unmeasured[0], run.notes[name]) }}</small>{% endif %}
{% if name in bounds %}<small>{{ t("الحد", "bound") }} {{ name | metric(bounds[name]) }}</small>{% endif %}</td></tr>
{% endfor %}
</tbody></table>
{% if stages %}
<details><summary>{{ t("أجزاء الجواب", "Parts of an answer") }} (ms)</summary>
<table><thead><tr><th></th><th>p50</th><th>p95</th><th>{{ t("أجوبة", "Answers") }}</th></tr></thead><tbody>
{% for name, stage in stages.items() %}
<tr><th><code>{{ name }}</code></th><td class="number">{{ "%.1f" | format(stage.p50) }}</td>
<td class="number">{{ "%.1f" | format(stage.p95) }}</td><td class="number">{{ stage.answers }}</td></tr>
{% endfor %}
</tbody></table></details>
{% endif %}
</div>
</div>
</section>

{% if growth %}
<section>
<h2>{{ t("مع نمو المقالات", "As the corpus grows") }}</h2>
<div class="figures">
{% for panel, chart in growth %}
<figure><figcaption><h3>{{ t(panel.arabic, panel.english) }}</h3></figcaption>{{ chart }}</figure>
{% endfor %}
</div>
</section>
{% endif %}

{% if flaky %}
<section>
<h2>{{ t("حالات متقلبة", "Flaky cases") }} ({{ flaky | length }})</h2>
<ul class="plain">
{% for case in flaky %}
<li><bdi>{{ case.question }}</bdi> {{ case_name(case) }}
<details><summary>{{ t("ما قيل كل مرة", "What was said each time") }}</summary>
<ol><li dir="auto">{{ case.answer or case.error }}</li>
{% for attempt in case.repeats %}<li dir="auto">{{ attempt.answer or attempt.error }}</li>
{% endfor %}</ol></details></li>
{% endfor %}
</ul>
</section>
{% endif %}

<section id="failing">
<h2>{{ t("الحالات الفاشلة", "Failing cases") }} ({{ failing | length }})</h2>
{% if not failing %}
<p class="good">{{ t("لا حالة فاشلة.", "None.") }}</p>
{% endif %}
{% for case in failing %}
<article>
{% for question in case.before %}<div class="before" dir="auto">{{ question }}</div>{% endfor %}
<div class="question" dir="auto">{{ case.question }}</div>
<p>{{ case_name(case) }} {% for tag in case.tags %}<bdi class="tag">{{ tag }}</bdi> {% endfor %}</p>
{% if case.standalone_question and case.standalone_question != case.question %}
<h4>{{ t("السؤال المستقل", "Standalone question") }}</h4><div dir="auto">{{ case.standalone_question }}</div>
{% endif %}
<ul class="unmet">
{% for check in case.checks if not check.passed %}
<li><code>{{ check.name }}</code> <bdi>{{ check.detail }}</bdi></li>
{% endfor %}
</ul>
{% if case.answer is not none %}
<h4>{{ t("الجواب", "Answer") }} · <bdi>{{ case.status }}</bdi> · <bdi>{{ case.mode }}</bdi> ·
{{ t("الثقة", "confidence") }} <span class="number">{{ "%.2f" | format(case.confidence) }}</span></h4>
{{ answered(case) }}
{% if case.citations %}
<details open><summary>{{ t("الاقتباسات في سياقها", "Citations in their context") }}</summary>
{{ sources(case.citations, true) }}</details>
{% endif %}
{% if case.related %}
<details><summary>{{ t("مقاطع قريبة ليست جوابًا", "Related passages, not an answer") }}</summary>
{{ sources(case.related, false) }}</details>
{% endif %}
{% endif %}
{% set old = earlier.get((case.suite, case.id)) %}
{% if old and old.answer is not none and old.answer != case.answer %}
<details><summary>{{ t("الجواب السابق (ناجح)", "The answer before (passed)") if old.passed else
t("الجواب السابق (فاشل)", "The answer before (failed)") }}</summary>{{ answered(old) }}</details>
{% endif %}
</article>
{% endfor %}
</section>

<section id="all">
<h2>{{ t("كل الحالات", "All cases") }} ({{ run.cases | length }})</h2>
<details><summary>{{ t("اعرضها", "Show them") }}</summary>
<div class="scroll"><table class="wide">
<thead><tr><th></th><th>{{ t("السؤال", "Question") }}</th><th>{{ t("الثقة", "Confidence") }}</th>
<th>ms</th></tr></thead>
<tbody>
{% for case in run.cases %}
<tr><td class="{{ "good" if case.passed else "bad" }}">{{ "✓" if case.passed else "✗" }}</td>
<td><bdi>{{ case.question }}</bdi><br>{{ case_name(case) }}</td>
<td class="number">{{ "–" if case.confidence is none else "%.2f" | format(case.confidence) }}</td>
<td class="number">{{ "–" if case.tally.latency_ms is none else "%.0f" | format(case.tally.latency_ms) }}</td></tr>
{% endfor %}
</tbody></table></div></details>
</section>

<section>
<h2>{{ t("التشغيل", "Run") }}</h2>
<details><summary>{{ t("بماذا شُغّل", "What it was run with") }}</summary>
<div class="scroll"><table>
{% for name, value in run.run.items() %}
<tr><th><code>{{ name }}</code></th><td><code>{{ value }}</code></td></tr>
{% endfor %}
</table></div></details>
</section>
</main>
</div>
</body>
</html>
"""
