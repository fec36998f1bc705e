"""Puts another model in force while the registry runs: files, checks, a rehearsal on a copy of the data, one commit.

model_files   the files of a model, from a folder, a zip or a single document
library       the models that were published, each in a folder of its own beside the store
marker        which of them the data in the store is of
impact        which devices would no longer conform, by field and rule
admission     whether a candidate is sound, compiles, and states the right version, in a process of its own
migrations    SPARQL Updates that a candidate brings along
rewriting     which quads of devices another model changes
rehearsal     all of that on a copy of the store, in a process of its own
processes     both ends of such a process
step          from one edition to a candidate, until few devices are left
publisher     the way from a candidate to the model in force
"""
