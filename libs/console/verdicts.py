"""What a verification found, in plain words: Chinese and English, naming the first wrong place."""

from typing import Any

WORDS = {
    "chain": (
        "第{at}个事实与写入时不符：它被改动、缺失、多出或者换了位置",
        "fact {at} is not what was written: it was changed, left out, added or moved",
    ),
    "leaf": (
        "第{at}个事实与全部事实的默克尔树中为它留下的叶子不符",
        "fact {at} is not the leaf that the tree over all facts has of it",
    ),
    "tree": (
        "第{at}个事实的叶子不再通向树根：树被改动",
        "the leaf of fact {at} does not lead to the root any more: the tree was changed",
    ),
    "head": (
        "树头没有这把公钥的有效签名，或者树已不是当初签署的那一棵",
        "the head bears no valid signature by this key, or the tree is no more the one that was signed",
    ),
    "end": (
        "案件历史的末尾没有这把公钥的有效签名",
        "the end of the case's history bears no valid signature by this key",
    ),
    "another": (
        "签名是真的，但属于另一案件或者另一树头",
        "the signature is genuine, but of another case or another head",
    ),
    "fact": (
        "第{at}个事实与写入时不符：它的内容、次序或者所属案件被改动",
        "fact {at} is not what was written: its bytes, its order or its case were changed",
    ),
    "missing": ("第{at}个事实缺失", "fact {at} is missing"),
    "surplus": ("第{at}个事实是多出来的", "fact {at} is one too many"),
    "place": (
        "第{at}个事实不在签署的树中它应在的位置",
        "fact {at} is not where it should be in the tree that was signed",
    ),
    "other-head": (
        "证明的起点不是您保存的那个树头（{at}个事实）",
        "the proof does not begin with the head that was kept (over {at} facts)",
    ),
    "rewritten": (
        "后来的树没有包含先前的树：前{at}个事实中有改动",
        "the later tree does not begin with the earlier one: something among the first {at} facts was changed",
    ),
}
"""What does not hold → what to say of it."""


ARCHIVE_WORDS = {
    "container": (
        "归档包的容器在“{entry}”处不是唯一的那种写法：有字节被改动、增加、删去，或者文件被截断",
        "the container is not in its form at {entry}: bytes were changed, added or taken away, or the file was cut",
    ),
    "seal": (
        "清单没有这把公钥的有效签名",
        "the manifest bears no valid signature by this key",
    ),
    "manifest": ("清单与签名时不符", "the manifest is not the one that was signed"),
    "another": (
        "签名是真的，但属于另一案件或者另一树头",
        "the signature is genuine, but of another case or another head",
    ),
    "missing": ("缺少“{entry}”", "{entry} is missing"),
    "surplus": ("“{entry}”是多出来的", "{entry} is one too many"),
    "order": ("“{entry}”不在清单规定的位置", "{entry} does not stand where the manifest has it"),
    "entry": ("“{entry}”的内容与清单不符", "{entry} is not what the manifest says"),
    "proof": ("包内的案件历史不成立", "the history in it does not hold"),
    "unlike": ("包内的案件历史与清单所说的不是一回事", "the history in it is not the one that the manifest speaks of"),
}
"""What does not hold of a package → what to say of it."""


def archive_sentences(wrong: str, entry: str) -> tuple[str, str]:
    """The sentence in both languages, naming the entry."""
    zh, en = ARCHIVE_WORDS[wrong]
    return zh.format(entry=entry), en.format(entry=entry)


def sentences(wrong: str, at: Any) -> tuple[str, str]:
    """The sentence in both languages; one that names no place where there is none to name."""
    zh, en = WORDS[wrong]
    said = "?" if at is None else at
    return zh.format(at=said), en.format(at=said)
