"""A host site to try Pawcha on: a sign-up form, verified on its server like any other site's."""
