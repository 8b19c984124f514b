/**
 * The look of the HTML report: one style sheet, light and dark, from phone to
 * desk, on paper too. No font or image comes from elsewhere.
 *
 * @module
 */

import { seriesVariables } from "./series-colours.ts";

export const reportStyle = `
:root{color-scheme:light dark;--paper:#fdfbf7;--card:#fff;--ink:#1d1b18;--muted:#6a655d;--line:#e4dfd5;--first:#b4540a;--second:#1f6f8b;--glow:#ffe3b0;--alarm:#8f1d14;--alarm-paper:#fdecea;--note-paper:#fdf3dc;${seriesVariables.light}}
@media(prefers-color-scheme:dark){:root{--paper:#161411;--card:#1e1b17;--ink:#f3eee5;--muted:#aaa296;--line:#38332b;--first:#f2a65a;--second:#7cc4dd;--glow:#4a3413;--alarm:#ffb4a8;--alarm-paper:#43150f;--note-paper:#33280f;${seriesVariables.dark}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
main,header>div,footer{max-width:56rem;margin:0 auto;padding:0 1.25rem}
header{background:radial-gradient(70rem 26rem at 12% -30%,var(--glow),transparent 70%);padding:2.2rem 0 1.4rem}
.mark{font:italic 600 1.05rem/1 Georgia,"Times New Roman",serif;color:var(--first);letter-spacing:.01em}
h1{font:600 clamp(1.9rem,6vw,2.9rem)/1.12 Georgia,"Times New Roman",serif;margin:.7rem 0 .5rem;text-wrap:balance}
h1 span{color:var(--muted);font-style:italic;font-weight:400}
header p{margin:0;color:var(--muted);max-width:44rem}
h2{font:600 1.35rem/1.25 Georgia,"Times New Roman",serif;margin:0 0 .9rem}
h3{font-size:1rem;margin:0 0 .3rem}
section{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.4rem 1.5rem 1.5rem;margin:1.25rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.9rem;background:none;border:0;padding:0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1rem 1.1rem}
.tile b{display:block;font:600 2rem/1.1 Georgia,"Times New Roman",serif;margin:.15rem 0 .25rem}
.tile span,.small,figcaption,td small,.why{color:var(--muted);font-size:.85rem}
.banner{border-radius:14px;padding:1rem 1.25rem;margin:1.25rem 0;background:var(--alarm-paper);color:var(--alarm);border:2px solid currentColor;font-weight:600}
.notes{border-radius:14px;padding:.9rem 1.25rem;margin:1.25rem 0;background:var(--note-paper);border:1px solid var(--line)}
.notes ul{margin:.2rem 0;padding-left:1.2rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.5rem .8rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{font-size:.8rem;font-weight:600;color:var(--muted);border-bottom-width:2px}
tbody tr:last-child>*{border-bottom:0}
th[scope=row]{font-weight:600}
th[scope=row] small{display:block;font-weight:400;color:var(--muted);font-size:.83rem;max-width:27rem}
.figure{text-align:right;white-space:nowrap;padding-right:0;padding-left:1rem}
.figure small{display:block}
dl{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.45rem 1.2rem;margin:0}
dt{color:var(--muted)}
dd{margin:0;overflow-wrap:anywhere}
figure{margin:0}dl+figure{margin-top:1.8rem}
figure svg{display:block;width:100%;height:auto}
figcaption{margin-top:.6rem}
ol.list{list-style:none;margin:.8rem 0 0;padding:0;counter-reset:place}
ol.list li{counter-increment:place;display:grid;grid-template-columns:2.1rem 1fr auto;gap:0 .6rem;padding:.55rem 0;border-top:1px solid var(--line)}
ol.list li::before{content:counter(place);font:italic 600 1.15rem/1.3 Georgia,"Times New Roman",serif;color:var(--first)}
ol.list b{font-weight:600}
.score{color:var(--muted);font-size:.85rem}
.why{grid-column:2/-1}
.genres{color:var(--muted);font-size:.85rem;margin-left:.35rem}
.person+.person{margin-top:2rem}
code,pre{font:.86rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,monospace}
pre{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:.8rem 1rem;overflow-x:auto;margin:0 0 1.1rem;white-space:pre-wrap;overflow-wrap:anywhere}
a{color:var(--second)}
footer{color:var(--muted);font-size:.85rem;padding-top:.4rem;padding-bottom:3rem}
@media(max-width:34rem){section{padding:1.1rem 1rem 1.2rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.55rem}th,td{padding-right:.4rem}.figure{padding-left:.5rem}.tile b{font-size:1.6rem}figure{overflow-x:auto}figure svg{min-width:30rem}thead{display:none}tbody tr{display:flex;flex-wrap:wrap;gap:0 1rem;border-bottom:1px solid var(--line);padding:.5rem 0}tbody th,tbody td{border:0;padding:.1rem 0}th[scope=row]{flex-basis:100%}td.figure{text-align:left;flex:1;padding:.25rem 0}td.figure::before{content:attr(data-cut);color:var(--muted);font-size:.8rem;margin-right:.4rem}}
@media print{section,.tile{break-inside:avoid}header{background:none}}
`.trim();
