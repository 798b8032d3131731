/**
 * How the report's page looks; charts bring their own style, and the colours of both.
 */
export const pageStyle = `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:720px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:22px;line-height:1.25;margin:0 0 4px}
h2{font-size:16px;margin:40px 0 8px;padding-top:12px;border-top:1px solid var(--line)}
h3{font-size:14px;margin:16px 0 4px}
h1,h2,p,li,summary,caption{overflow-wrap:anywhere}
p{margin:8px 0}
.about,.trust,small,caption,.remarks,.assumptions,.table thead{color:var(--faint)}
.about{margin:0 0 16px;font-size:13px}
.answer{font-size:18px;line-height:1.4;margin:16px 0}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:12px 20px;margin:16px 0}
.figures div{border-top:1px solid var(--line);padding-top:6px}
.figures dt{color:var(--faint);font-size:12px}
.figures dd{margin:0;font-size:17px}
.figures small{display:block;font-size:12px;line-height:1.35}
.trust,.assumptions{font-size:13px}
ul{padding-left:18px;margin:6px 0}
figure{margin:16px 0}
figure svg{width:100%;height:auto;display:block}
figcaption{display:none;font-weight:600;overflow-wrap:anywhere}
.drawing{overflow-x:auto}
@media screen and (max-width:600px){
figcaption{display:block;margin-bottom:-12px}
figure svg{width:480px;max-width:none}
figure svg .title{visibility:hidden}
}
.table{overflow-x:auto;margin:12px 0}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;padding:0 0 4px;font-size:13px}
th{font-weight:400;text-align:left}
thead th{font-size:12px;vertical-align:bottom}
th,td{padding:3px 0 3px 14px;border-bottom:1px solid var(--line);vertical-align:top}
th:first-child,td:first-child{padding-left:0}
tbody th{overflow-wrap:anywhere;min-width:min(175px,38vw)}
tbody th.number{min-width:0}
.number{text-align:right;white-space:nowrap}
th.number:first-child{text-align:left}
td:not(.number){min-width:64px}
thead .number{white-space:normal}
pre{overflow-x:auto;border:1px solid var(--line);padding:10px 12px;margin:8px 0;font:12px/1.45 ui-monospace,monospace}
code{white-space:pre-wrap;overflow-wrap:anywhere}
details{margin:6px 0}
summary{cursor:pointer;color:var(--faint);font-size:13px}
summary:focus-visible,.table:focus-visible,.drawing:focus-visible{outline:2px solid var(--compute);outline-offset:2px}
@page{size:A4;margin:15mm 16mm}
@media print{
body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
header{break-after:page}
h1{font-size:17pt}.answer{font-size:13pt;margin:8px 0}
h2,h3,caption{break-after:avoid}
h2{font-size:12pt;margin:16px 0 4px;padding-top:8px}
.figures{grid-template-columns:repeat(4,1fr);gap:8px 14px;margin:10px 0}.figures dd{font-size:12pt}
.figures small{font-size:8pt}.trust,.assumptions,table,caption,.about{font-size:8.5pt}.assumptions{columns:2;column-gap:24px}
figure,tr,pre,.figures div,.assumptions li{break-inside:avoid}
figure{margin:8px 0}
.table{overflow:visible}
th,td{overflow-wrap:anywhere;padding-left:8px}
td:not(.number){min-width:36px}tbody th{min-width:60px}
.number{white-space:normal}
pre{font-size:8pt}
details:not([open]){display:none}
}`
