# `pwd`: the users of `/etc/passwd`.


class struct_passwd(tuple):
    n_fields = n_sequence_fields = 7
    n_unnamed_fields = 0

    def __repr__(self):
        return 'pwd.struct_passwd(' + ', '.join(f'{n}={v!r}' for n, v in zip(_FIELDS, self)) + ')'


_FIELDS = ('pw_name', 'pw_passwd', 'pw_uid', 'pw_gid', 'pw_gecos', 'pw_dir', 'pw_shell')
for _n, _name in enumerate(_FIELDS):
    setattr(struct_passwd, _name, property(lambda self, n=_n: self[n]))
del _n, _name


def getpwall():
    users = []
    with open('/etc/passwd', encoding='utf-8', errors='surrogateescape') as file:
        for line in file:
            fields = line.rstrip('\n').split(':')
            if len(fields) == 7:
                fields[2:4] = int(fields[2]), int(fields[3])
                users.append(struct_passwd(fields))
    return users


def getpwnam(name, /):
    if not isinstance(name, str):
        raise TypeError(f'getpwnam() argument must be str, not {type(name).__name__}')
    for user in getpwall():
        if user[0] == name:
            return user
    raise KeyError(f'getpwnam(): name not found: {name!r}')


def getpwuid(uid, /):
    for user in getpwall():
        if user[2] == uid:
            return user
    raise KeyError(f'getpwuid(): uid not found: {uid}')
