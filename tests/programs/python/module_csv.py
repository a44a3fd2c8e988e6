# Readers and writers of comma-separated values.
# stress: 2000
import csv
import io

text = ['a,b,c\r\n', '1,"two, three",3\n', '"a ""quoted"" word",x y,\n', '"two\n', 'lines",z\n', '\n', ' s,t\n']
for options in [{}, {'skipinitialspace': True}, {'quoting': csv.QUOTE_NONE}, {'doublequote': False}, {'delimiter': ' '}, {'escapechar': 'x'}]:
    print(options, list(csv.reader(text, **options)))
reader = csv.reader(text)
for row in reader:
    print(reader.line_num, row)
rows = [['a', 1, 2.5, None], ['x,y', 'q"q', 'l\nl', ''], [''], [], [True, 'e\\']]
for options in [{}, {'quoting': csv.QUOTE_ALL}, {'quoting': csv.QUOTE_NONNUMERIC}, {'quoting': csv.QUOTE_NONE, 'escapechar': '\\'},
                {'delimiter': ';', 'lineterminator': '|'}, {'doublequote': False, 'escapechar': '!'}, {'dialect': 'excel-tab'}]:
    out = io.StringIO()
    try:
        csv.writer(out, **options).writerows(rows)
    except csv.Error as e:
        print(type(e).__name__, e)
    print(repr(out.getvalue()))
print(list(csv.reader(['1,"a",2.5\n'], quoting=csv.QUOTE_NONNUMERIC)))
out = io.StringIO()
writer = csv.DictWriter(out, ['x', 'y'])
writer.writeheader()
writer.writerow({'x': 1, 'y': 'two'})
print(repr(out.getvalue()), list(csv.DictReader(out.getvalue().splitlines())))
print(csv.Sniffer().sniff('a;b;c\n1;2;3\n').delimiter, csv.list_dialects())
csv.register_dialect('mine', delimiter=':')
print(csv.get_dialect('mine').delimiter, csv.field_size_limit())
for call in [lambda: csv.reader(['a'], delimiter='ab'), lambda: csv.reader(['a'], quoting=9), lambda: csv.get_dialect('none'),
             lambda: list(csv.reader(['"a"b\n'], strict=True)), lambda: list(csv.reader([b'x'])), lambda: csv.writer(3),
             lambda: csv.reader(3), lambda: csv.writer(io.StringIO()).writerow(5), lambda: list(csv.reader(['"a'], strict=True))]:
    try:
        print(call())
    except Exception as e:
        print(type(e).__name__, e)
for options in [{'escapechar': ''}, {'quotechar': ''}, {'delimiter': None}, {'lineterminator': 4}, {'quotechar': None}, {'quoting': 'a'}]:
    try:
        print(csv.reader([], **options) is not None)
    except TypeError as e:
        print(e)
