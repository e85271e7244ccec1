INSERT INTO visit VALUES ('2024-03-05', 'port', 'rain'), ('2025-06-07', 'mill', NULL);
