"""Configuration of the site: `make docs`."""

import skrnn

project = "skrnn"
copyright = "the skrnn developers"
version = release = skrnn.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_copybutton",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "_templates", "auto_examples/**/*.ipynb", "auto_examples/**/*.py"]
templates_path = ["_templates"]

# Single backticks in docstrings name an object, as in scikit-learn's.
default_role = "py:obj"
autosummary_generate = True
# Types are in the docstrings, where they say more than annotations do.
autodoc_typehints = "none"
toc_object_entries_show_parents = "hide"
# The members are in the template of a class, which gives each a place on the page.
numpydoc_show_class_members = False

myst_enable_extensions = ["colon_fence"]
# Links to headings, as GitHub writes them.
myst_heading_anchors = 3

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "subsection_order": [
        "../examples/first_steps",
        "../examples/model_selection",
        "../examples/labels_and_data",
        "../examples/understanding",
        "../examples/deployment",
    ],
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "remove_config_comments": True,
    "write_computation_times": False,
    # Every object has the examples that use it at the end of its page.
    "doc_module": ("skrnn",),
    "backreferences_dir": "auto_examples/backreferences",
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "skrnn"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "skrnn"},
    "header_links_before_dropdown": 6,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
html_sidebars = {"index": [], "api": []}
