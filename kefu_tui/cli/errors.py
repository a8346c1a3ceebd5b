"""How a call ends when it cannot do what was asked: exit code, a code for programs, one sentence in both languages."""

REFUSED, USAGE, UNREACHABLE, SIGNED_OUT, DAMAGED = 1, 2, 3, 4, 5
INTERRUPTED, PIPE_CLOSED = 130, 141


class Stop(Exception):
    """The call ends here with this exit code; nothing is said when there is no sentence."""

    def __init__(self, exit: int, code: str, zh: str = "", en: str = "") -> None:
        super().__init__(code)
        self.exit = exit
        self.code = code
        self.zh = zh
        self.en = en or zh

    def say(self, lang: str) -> str:
        """The sentence in a language."""
        return self.en if lang == "en" else self.zh


def misused(zh: str, en: str) -> Stop:
    """Wrong usage: what is wrong, and what to write instead."""
    return Stop(USAGE, "usage", zh, en)


def not_found(zh: str, en: str) -> Stop:
    """What was named is not there."""
    return Stop(REFUSED, "not-found", zh, en)


def unusable(code: str, detail: str) -> Stop:
    """The sentence for a home or store that cannot be used, by the code of HomeError or StoreError."""
    known = _STORE.get(code)
    if known is None:
        return Stop(REFUSED, code, f"桌面打不开（{code}）：{detail}", f"The desk cannot be opened ({code}): {detail}")
    exit, zh, en = known
    return Stop(exit, code, zh.format(detail=detail), en.format(detail=detail))


_STORE: dict[str, tuple[int, str, str]] = {
    "no-key": (
        REFUSED,
        "没有打开数据的密钥：系统钥匙串里没有，环境变量 KEFU_STORE_KEY 也没设。设好 KEFU_STORE_KEY 再来。",
        "No key for the store: none in the keyring and KEFU_STORE_KEY is not set. Set KEFU_STORE_KEY and try again.",
    ),
    "wrong-key": (
        REFUSED,
        "密钥不对，或者文件不是 kefu 的数据：{detail}。检查 KEFU_STORE_KEY。",
        "Wrong key, or not a store of kefu: {detail}. Check KEFU_STORE_KEY.",
    ),
    "newer": (
        REFUSED,
        "数据是更新版本的 kefu 写的，这一版不打开：{detail}。请升级 kefu。",
        "The store was written by a newer kefu and is left alone: {detail}. Upgrade kefu.",
    ),
    "damaged": (
        DAMAGED,
        "数据损坏：{detail}。运行 kefu doctor --mend：坏的留着，能读的都救回来，没发出去的照样送出。",
        "The store is damaged: {detail}. Run kefu doctor --mend: it is kept, what can be read is saved, what waits goes out.",
    ),
    "in-use": (
        REFUSED,
        "别的 kefu 正开着这份数据：{detail}。先把它关掉。",
        "Another kefu has this store open: {detail}. Close it first.",
    ),
    "missing": (SIGNED_OUT, "没有数据：{detail}。先登录：kefu login", "No store: {detail}. Sign in first: kefu login"),
    "not-signed-in": (
        SIGNED_OUT,
        "还没有登录：{detail}。先登录：kefu login",
        "Not signed in: {detail}. Sign in first: kefu login",
    ),
    "other-agent": (
        REFUSED,
        "这个桌面是 {detail} 的。换一个文件夹：--home",
        "This desk belongs to {detail}. Use another folder: --home",
    ),
    "other-backend": (
        REFUSED,
        "这个桌面连的是 {detail}。连别的后台要换一个文件夹：--home",
        "This desk belongs to the backend {detail}. Use another folder for another one: --home",
    ),
    "disk-full": (
        REFUSED,
        "磁盘满了，什么都没有改：{detail}。腾出空间再来。",
        "The disk is full, nothing was changed: {detail}. Free some space and try again.",
    ),
    "unwritable": (
        REFUSED,
        "写不了：{detail}。检查文件夹的权限。",
        "Cannot write: {detail}. Check the rights of the folder.",
    ),
    "old-sqlite": (
        REFUSED,
        "SQLite {detail} 可能弄坏数据，不用它。升级：pip install -U sqlcipher3",
        "SQLite {detail} can damage the store and is not used. Upgrade: pip install -U sqlcipher3",
    ),
}


def refused_by_backend(code: str, title: str, detail: str) -> Stop:
    """The sentence for a problem that the backend answered with."""
    if code == "wrong-password":
        return Stop(REFUSED, code, "账号或密码不对。", "Login or password is wrong.")
    if code == "locked-out":
        return Stop(REFUSED, code, f"试错太多次，先等一等。{detail}", f"Too many failed attempts. {detail}".strip())
    if code == "not-signed-in":
        return Stop(SIGNED_OUT, code, "登录已失效，重新登录：kefu login", "Signed out. Sign in again: kefu login")
    if code == "device-revoked":
        return Stop(
            SIGNED_OUT,
            code,
            "这台设备已被停用，找主管。",
            "This device was revoked. Ask your lead.",
        )
    said = f"{title} {detail}".strip()
    return Stop(REFUSED, code, f"后台不同意：{said}", f"The backend refused: {said}")


def unreachable(backend: str, detail: str) -> Stop:
    """The backend does not answer and was needed."""
    return Stop(
        UNREACHABLE,
        "unreachable",
        f"连不上后台 {backend}：{detail}。检查网络和地址，本地的操作都在。",
        f"Cannot reach the backend {backend}: {detail}. Check network and address; what was done here is kept.",
    )
