# `grp`: the groups of `/etc/group`.


class struct_group(tuple):
    n_fields = n_sequence_fields = 4
    n_unnamed_fields = 0

    def __repr__(self):
        return 'grp.struct_group(' + ', '.join(f'{n}={v!r}' for n, v in zip(_FIELDS, self)) + ')'


_FIELDS = ('gr_name', 'gr_passwd', 'gr_gid', 'gr_mem')
for _n, _name in enumerate(_FIELDS):
    setattr(struct_group, _name, property(lambda self, n=_n: self[n]))
del _n, _name


def getgrall():
    groups = []
    with open('/etc/group', encoding='utf-8', errors='surrogateescape') as file:
        for line in file:
            fields = line.rstrip('\n').split(':')
            if len(fields) == 4:
                fields[2:] = int(fields[2]), [m for m in fields[3].split(',') if m]
                groups.append(struct_group(fields))
    return groups


def getgrnam(name):
    if not isinstance(name, str):
        raise TypeError(f'getgrnam() argument must be str, not {type(name).__name__}')
    for group in getgrall():
        if group[0] == name:
            return group
    raise KeyError(f'getgrnam(): name not found: {name!r}')


def getgrgid(id):
    for group in getgrall():
        if group[2] == id:
            return group
    raise KeyError(f'getgrgid(): gid not found: {id}')
