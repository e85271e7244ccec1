create schema "S.s ""q";
