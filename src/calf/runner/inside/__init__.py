"""Scripts that run beside a stage, in its sandbox, by this machine's own interpreter with `-I -S`.

They import nothing but the standard library, and nothing of calf: inside a sandbox there is no calf.
"""
