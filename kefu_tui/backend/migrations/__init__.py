"""How the tables of the backend came to be what they are: a released migration is never changed."""
