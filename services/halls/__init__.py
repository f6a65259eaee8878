"""大厅窗口: the 1+N tree of halls and service points, and what each window can do now.

Halls decides where a hall stands in the tree, which windows it has, and who is on duty there. It does not say
what a hall may accept: that is delegation's.
"""
