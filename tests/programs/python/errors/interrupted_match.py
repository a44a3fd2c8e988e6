# A match that would take for ever, until it is interrupted.
import re

re.match('(a+)+$', 'a' * 100 + 'b')
