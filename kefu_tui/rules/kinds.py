"""What a conversation is about, told from the customer's words."""

import re
from typing import Literal, get_args

Kind = Literal[
    "complaint", "suggestion", "praise", "invoice", "return", "aftersale", "technical", "logistics", "order", "presale",
    "other",
]  # fmt: skip
"""In the order that decides between equals."""

_STRONG = 3

_WORDS: dict[Kind, tuple[str, str]] = {  # what decides, what points there; a list of English words stands last
    "complaint": (
        "投诉|举报|差评|12315|消协|工商局|起诉|曝光|没人理|没人管|态度(?:太?差|恶劣|不好)|欺骗|坑人|太过分|忽悠|糊弄|踢皮球",
        "说法|什么意思|垃圾|气死|失望|再也不|退差价|补偿|赔偿|每次都|第二次|又发错|骗|敷衍|前天就|到现在"
        "|complain\\w*|unacceptable|ridiculous|terrible|awful|worst|second time|seriously|disappoint\\w*|manager|scam",
    ),
    "suggestion": (
        "建议|提个意见|意见反馈|希望你们能|suggest\\w*|would be nice",
        "能不能(?:改成|加个|增加|出个)|改进|优化|要是能|feature",
    ),
    "praise": (
        "表扬|锦旗|好评|点赞|夸一?下|必须夸|太棒了|用心|lovely|wonderful|amazing|compliment",
        "(?<!不)满意|很喜欢|好开心|真好|太好了|赞|下次还来|回头客|great|love|thank you so much|excellent|perfect",
    ),
    "invoice": (
        "发票|专票|普票|电票|开票|抬头|税号|invoice|vat|tax (?:id|number)",
        "报销|开个?票|财务|receipt|billing",
    ),
    "return": (
        "退货|换货|退换|退掉|(?:想|要|能|可以|怎么|给我)退(?!款|差|多少|到)|换(?:大|小)一?|换个?(?:码|颜色|尺寸)|换一(?:个|件|双)"
        "|无理由|上门取件|returns?|exchange|send (?:it|them|this) back",
        "不合适|(?:买|穿着?|偏|有点)(?:大|小)了?|不喜欢|不想要了?|色差|运费险|运费谁|吊牌|没拆|跟图片|退|different size"
        "|doesn't fit|not what i expected",
    ),
    "aftersale": (
        "退款|破损|压扁|压坏|碎了|漏液|漏了|少发|漏发|发错|错发|少了一|缺(?:货|件)了?|补发|补寄|质量问题|瑕疵|保修|维修|返修|售后"
        "|refund\\w*|broken|damaged|missing|defective|faulty|wrong (?:item|thing|size)|warranty|repair",
        "坏了?|磕|划痕|开胶|掉色|起球|过期|异味|赠品|没到账|不对|有问题|arrived|replacement|scratched|leak\\w*",
    ),
    "technical": (
        "连不上|打不开|开不了|开机|没反应|没声音|没有声音|充不(?:了|进)|不充电|不亮|死机|闪退|黑屏|报错|故障|配对|固件|驱动|安装"
        "|说明书|怎么(?:用|装|连|调|设置)|pair\\w*|not working|doesn't work|won't turn|firmware|install\\w*"
        "|set ?up|manual",
        "蓝牙|连接|指示灯|红灯|重启|重置|充电|软件|系统|不能用|用不了|登录|bluetooth|reset|charg\\w*|connect\\w*|error|battery",
    ),
    "logistics": (
        "快递|物流|发货|派送|派件|配送|签收|运单|包裹|中转|驿站|揽收|自提柜|到哪|多久(?:能)?到|几天(?:能)?到|什么时候(?:能)?(?:到|送)"
        "|还没(?:收)?到|没收到|没动|催(?:一下|件|派)|顺丰|圆通|中通|申通|韵达|极兔|parcel|tracking|track|courier"
        "|in transit|shipped|deliver\\w*|dispatch\\w*",
        "到货|送到|送货|寄|收货|单号|丢了|shipping|shipment|package|arrive",
    ),
    "order": (
        "(?:改|换|写错|填错|修改)[^，。！？]{0,4}地址|地址[^，。！？]{0,3}(?:错|改)|取消订单|取消|拍错|下错|重复下单|合并(?:订单|付款)"
        "|付不了|支付(?:失败|不了)|付款(?:失败|不了)|改(?:备注|电话|规格)|cancel\\w*"
        "|change (?:my|the) (?:address|order)|payment",
        "订单|下单|付款|支付|备注|地址|拍下|定金|尾款|orders?|address|checkout|paid",
    ),
    "presale": (
        "有货|没货|现货|还有吗|补货|尺码|什么码|码数|哪个码|穿多大|推荐|怎么选|哪(?:个|款)(?:好|更)|区别|敏感肌|正品|材质|成分|面料"
        "|保质期|优惠|活动|打折|满减|券|多少钱|什么价|价格|便宜|包邮|批发|预算|适合|能用吗|size|stock|discount|coupon|price"
        "|recommend\\w*|suitable|material|difference|shrink|small\\?|fit",
        "买|颜色|几斤|身高|体重|会不会|参数|功能|多大|款|buy|colou?r|sale|gift|available",
    ),
}  # fmt: skip


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(f"(?<![a-z])(?:{words})(?![a-z])", re.I)


_PATTERNS = {kind: (_pattern(strong), _pattern(weak)) for kind, (strong, weak) in _WORDS.items()}
_LONGEST = 2_000


def classify(text: str) -> Kind:
    """The kind of conversation that a customer's words begin, `other` where nothing tells."""
    text = text[:_LONGEST]
    best: Kind = "other"
    most = 0
    for kind in get_args(Kind):
        if kind in _PATTERNS:
            score = weight(kind, text)
            if score > most:
                best, most = kind, score
    return best


def weight(kind: Kind, text: str) -> int:
    """How much a text speaks of one kind: 3 for each word that decides, 1 for each that points there."""
    strong, weak = _PATTERNS[kind]
    return _STRONG * len(set(strong.findall(text))) + len(set(weak.findall(text)))
