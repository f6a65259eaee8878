"""大厅窗口: the 1+N tree of halls and service points, who waits there, and what each window can do now.

Halls decides where a hall stands in the tree and when it is open, which windows it has and who is on duty there, who
is called next, and which window goes on with a case. What a hall may accept is delegation's to say: halls shows what
it would say now, and why.
"""
