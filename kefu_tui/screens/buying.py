"""Acts on orders: approve a return, copy a number."""

from kefu_tui.screens.outcome import copied
from kefu_tui.screens.shelf import Shelving
from kefu_tui.text import one_line


class Buying(Shelving):
    """Acts on orders: approve a return, copy a number."""

    def do_copy(self) -> None:
        """Hand the tracking number to the terminal's clipboard."""
        # The pane is drawn a moment after the conversation: whoever is faster means the first of its orders.
        order = self.orders.current() or next(iter(self.opened.orders), None)
        if order is None:
            self.told(self.say("没有订单可以复制。", "No order to copy from."), refused=True)
            return
        number = next((parcel.tracking_no for parcel in order.parcels), order.order_no)
        self.app.copy_to_clipboard(number)
        self.told(copied(one_line(number), self.lang))

    async def do_approve_return(self) -> None:
        """Approve the return of the order under the cursor, else of the first that waits for a verdict."""
        if self.refused("review-return"):
            return
        waits = [order for order in self.opened.orders if order.status == "refunding" and not order.verdict]
        current = self.orders.current()
        chosen = current if current in waits else next(iter(waits), None)
        if chosen is None or self.open_id is None:
            self.told(self.say("没有要审的退货。", "No return waits for a review."), refused=True)
            return
        await self.did(self.desk.review_return(self.open_id, chosen.id, approve=True))
