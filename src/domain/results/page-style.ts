/** Colours and classes of subunit2html. What is shown hangs on the radio button that is chosen. */
export const pageStyle = `
body { font-family: verdana, arial, helvetica, sans-serif; font-size: 80%; }
h1 { font-size: 16pt; color: gray; }
table { font-size: 100%; width: 100%; }
#result_table { border-collapse: collapse; border: 1px solid #777; }
#result_table td { border: 1px solid #777; padding: 2px; overflow-wrap: anywhere; }
#header_row { font-weight: bold; color: white; background-color: #777; }
#total_row { font-weight: bold; }
.passClass { background-color: #6c6; }
.failClass { background-color: #c60; }
.failCase { color: #a40; font-weight: bold; }
.testcase { margin-left: 2em; }
td.testname { width: 40%; }
td.small { width: 40px; }
summary { cursor: pointer; }
.popup_window { overflow-x: auto; padding: 10px; background-color: #E6E6D6; font-size: 8pt; white-space: pre-wrap; overflow-wrap: anywhere; }
body:not(:has(#all:checked)) .hiddenRow { display: none; }
body:has(#summary:checked) .failRow { display: none; }
`;
