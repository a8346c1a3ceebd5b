"""The replicated tables, one module per noun; `rows` holds the plain row structs generated from them."""
