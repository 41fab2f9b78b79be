"""Figures as numbers: what is drawn, and what the drawing leaves out; a file for each, so that one pays for one."""
