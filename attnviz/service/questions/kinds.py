"""Every kind of question there is. A new one is a Kind in a file of its subject, and one name here."""

from attnviz.service.questions.maps import CAUSAL, INDUCTION, NEXT, PREVIOUS
from attnviz.service.questions.patches import ASKS, PATCH
from attnviz.service.questions.question import Kind
from attnviz.service.questions.sums import SUMS
from attnviz.service.questions.tokens import READ, READS

KINDS: tuple[Kind, ...] = (READS, READ, SUMS, PREVIOUS, NEXT, INDUCTION, CAUSAL, ASKS, PATCH)
