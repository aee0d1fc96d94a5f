"""How the page looks: one style sheet, no script, no font that would have to be fetched."""

STYLE = """
:root { color-scheme: light; --ink: #1f2a35; --soft: #566573; --line: #dfe5ea; --ground: #f3f5f8;
  --good: #1b7f4d; --weak: #b3432b; }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 2rem auto; padding: 2.6rem 3.4rem 3.4rem; background: #fff;
  border: 1px solid var(--line); border-radius: 12px; }
h1 { font-size: 2.05rem; line-height: 1.2; letter-spacing: -.015em; margin: 0 0 .7rem; text-wrap: balance; }
h2 { font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em; margin: 2.8rem 0 .6rem;
  padding-top: 1.5rem; border-top: 1px solid var(--line); scroll-margin-top: .5rem; }
h3 { font-size: 1.02rem; margin: 1.5rem 0 .3rem; }
p, li { max-width: 44rem; }
p { margin: .7rem 0; }
a { color: #1f5fa6; text-decoration-thickness: 1px; text-underline-offset: 2px; }
img { max-width: 100%; height: auto; display: block; }
code { background: #eef2f5; border-radius: 4px; padding: .1em .35em; font-size: .88em;
  overflow-wrap: anywhere; }
pre { white-space: pre-wrap; font-size: .85rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
table.figures { border-collapse: collapse; font-size: .93rem; line-height: 1.45; }
table.figures td { font-variant-numeric: tabular-nums; vertical-align: top; }
table.figures th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 2px solid #cbd4dc;
  vertical-align: bottom; }
table.figures th, table.figures td { padding: .36rem 1.3rem .36rem 0; }
table.figures tr > :last-child { padding-right: .2rem; }
table.figures td { border-bottom: 1px solid #e9edf1; }
table.figures .number { text-align: right; white-space: nowrap; }
table.figures .span { white-space: nowrap; }
table.figures .good { color: var(--good); }
table.figures .weak { color: var(--weak); font-weight: 600; }
table.figures tr.muted td { color: #6b7783; }
.lede { font-size: 1.08rem; color: #33414e; }
.headline { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .8rem;
  margin: 1.4rem 0; }
.headline div { background: var(--ground); border-radius: 10px; padding: .85rem 1rem .8rem; }
.headline b { display: block; font-size: 1.75rem; line-height: 1.25; letter-spacing: -.01em;
  font-variant-numeric: tabular-nums; }
.headline span { display: block; color: var(--soft); font-size: .86rem; line-height: 1.4; }
.points { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr)); gap: 0 2.4rem; }
.points h3 { margin-top: .6rem; }
.points ul { list-style: none; margin: 0; padding: 0; font-size: .95rem; line-height: 1.5; }
.points li { margin: .5rem 0; padding-left: 1.4rem; position: relative; }
.points li::before { position: absolute; left: 0; font-weight: 700; }
.points .good li::before { content: "+"; color: var(--good); }
.points .weak li::before { content: "\\2212"; color: var(--weak); }
.points .good h3 { color: var(--good); }
.points .weak h3 { color: var(--weak); }
.note { color: var(--soft); font-size: .92rem; }
nav { font-size: .9rem; line-height: 1.9; margin: 1.4rem 0 0; padding: .7rem 0 0;
  border-top: 1px solid var(--line); }
nav a { margin-right: 1.1rem; white-space: nowrap; text-decoration: none; }
nav a:hover { text-decoration: underline; }
dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .5rem 1.4rem;
  font-size: .95rem; }
dt { font-weight: 600; }
dd { margin: 0; max-width: 40rem; }
details { margin: .8rem 0; }
summary { cursor: pointer; color: #1f5fa6; }
@media (max-width: 760px) {
  main { padding: 1.3rem 1.1rem 2rem; margin: 0; border: 0; border-radius: 0; }
  h1 { font-size: 1.6rem; }
  .broad img { max-width: max(100%, 30rem); }
  table.figures { width: max-content; max-width: 46rem; }
  table.figures td:first-child { white-space: nowrap; }
  .headline { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .headline b { font-size: 1.4rem; }
  .points { grid-template-columns: 1fr; }
  dl { grid-template-columns: 1fr; gap: .1rem; }
  dd { margin-bottom: .7rem; }
}
@media print {
  body { background: #fff; }
  main { border: 0; margin: 0; max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  img, tr, .headline div { break-inside: avoid; }
}
"""
