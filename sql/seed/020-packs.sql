-- Matcha for each piece of a SKU in the shop.
select mina_config_seed('credits.packs', '{
	"MINA-50": 50,
	"MINA-100": 100,
	"MINA-250": 250,
	"MINA-500": 500
}');
