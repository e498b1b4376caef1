"""The rules that every stack keeps: plain functions over what a program asks for, and the CrossGuard pack of them."""
